import { CONSENT, CONSENT_ALL, type Profile } from '../contracts/index.js';
import { Random } from './random.js';
import { DAY_MS } from './rhythm.js';
import { AXES, type Axis, type Leaning, add, leaning } from './taste-space.js';

/** A viewer with the truth about them. */
export interface SimulatedViewer {
  profile: Profile;
  /** Years, as they really are; the profile may not say. */
  age: number;
  /** θ. */
  taste: Float64Array;
  /** Mean sessions per day. */
  activity: number;
  /** Added to every rating. */
  ratingBias: number;
  /** Day of the simulated period (0 = its first) on which they join. */
  firstDay: number;
}

/** A viewer of whom the taste is given rather than drawn, so that a person can try them by name. */
export interface NamedViewer {
  profileId: string;
  accountId: string;
  name: string;
  age: number;
  isKids: boolean;
  favours: Leaning;
  /** Mean sessions per day. */
  activity: number;
}

export interface Period {
  days: number;
  untilMs: number;
}

/** Sessions per day: Gamma(shape, mean/shape): most viewers come seldom, a few daily (science J.1). */
const ACTIVITY = { shape: 0.6, mean: 0.34 };
/** θ_u = population mean + age effect + favourites + N(0, σ²) per axis. */
const TASTE_SD = 0.35;
const FAVOURITES = [1.7, 0.9] as const;
const POPULATION: Leaning = {
  heart: 0.2,
  laughter: 0.25,
  spectacle: 0.2,
  europe: -0.25,
  'east-asia': -0.35,
  'south-asia': -0.35,
};
/** How often an axis is somebody's favourite, in the order of AXES. */
const PREVALENCE = [14, 9, 12, 14, 5, 12, 10, 12, 8, 7, 13, 6];
/** Who lives in a household: one list of members per kind, with the kinds' shares. */
const HOUSEHOLDS = [
  { share: 0.6, members: ['adult'] },
  { share: 0.26, members: ['adult', 'adult'] },
  { share: 0.06, members: ['adult', 'child'] },
  { share: 0.04, members: ['adult', 'adult', 'child'] },
  { share: 0.03, members: ['adult', 'teenager'] },
  { share: 0.01, members: ['adult', 'adult', 'child', 'child'] },
] as const;
type Member = (typeof HOUSEHOLDS)[number]['members'][number];
const AGES: Record<Member, readonly [number, number]> = {
  adult: [19, 80],
  teenager: [13, 18],
  child: [4, 13],
};

const HOUSEHOLD_CUMULATIVE = sums(HOUSEHOLDS.map(({ share }) => share));
const PREVALENCE_CUMULATIVE = sums(PREVALENCE);

/** The `number`-th household (from 1), always the same for a seed: accountId `sim-000001`, profiles `sim-000001-1`, …. */
export function household(seed: number, number: number, period: Period): SimulatedViewer[] {
  const accountId = `sim-${String(number).padStart(6, '0')}`;
  const random = new Random(seed, `household/${accountId}`);
  const { members } = HOUSEHOLDS[random.index(HOUSEHOLD_CUMULATIVE)] ?? HOUSEHOLDS[0];
  const joinedDay = random.chance(0.15) ? random.int(period.days) : 0;
  const createdAt = new Date(
    period.untilMs - (joinedDay > 0 ? period.days - joinedDay : period.days + random.int(1000)) * DAY_MS,
  ).toISOString();
  return members.map((member, place) => {
    const [from, to] = AGES[member];
    const age = from + random.int(to - from);
    return {
      profile: {
        profileId: `${accountId}-${place + 1}`,
        accountId,
        name: `Simulated viewer ${number}-${place + 1}`,
        market: 'default',
        ...agesOnRecord(member, age, period, random),
        consent: random.chance(0.03) ? CONSENT_ALL & ~CONSENT.personalisation : CONSENT_ALL,
        createdAt,
      },
      age,
      taste: drawTaste(age, random),
      activity: (ACTIVITY.mean / ACTIVITY.shape) * random.gamma(ACTIVITY.shape),
      ratingBias: 0.7 * random.normal(),
      firstDay: joinedDay,
    };
  });
}

/** A named viewer: population and age as everybody's, the favours as given, no noise. */
export function namedViewer(named: NamedViewer, period: Period): SimulatedViewer {
  const taste = populationTaste(named.age);
  add(taste, leaning(named.favours), 1);
  return {
    profile: {
      profileId: named.profileId,
      accountId: named.accountId,
      name: named.name,
      market: 'default',
      birthYear: birthYear(named.age, period),
      isKids: named.isKids,
      isAdultDeclared: false,
      consent: CONSENT_ALL,
      createdAt: new Date(period.untilMs - (period.days + 365) * DAY_MS).toISOString(),
    },
    age: named.age,
    taste,
    activity: named.activity,
    ratingBias: 0,
    firstDay: 0,
  };
}

/** What the operational store knows of an age. Of some, nothing: those are held to the strict defaults (science H.6). */
function agesOnRecord(
  member: Member,
  age: number,
  period: Period,
  random: Random,
): Pick<Profile, 'birthYear' | 'isKids' | 'isAdultDeclared'> {
  const isKids = member === 'child';
  const known = random.next();
  if (member !== 'adult')
    return {
      birthYear: known < 0.75 || !isKids ? birthYear(age, period) : null,
      isKids,
      isAdultDeclared: false,
    };
  if (known < 0.7) return { birthYear: birthYear(age, period), isKids, isAdultDeclared: false };
  return { birthYear: null, isKids, isAdultDeclared: known < 0.98 };
}

/** Somebody certainly of this age throughout the year: the birthday may still be ahead, so one year more. */
function birthYear(age: number, period: Period): number {
  return new Date(period.untilMs).getUTCFullYear() - age - 1;
}

function drawTaste(age: number, random: Random): Float64Array {
  const taste = populationTaste(age).map((mean) => mean + TASTE_SD * random.normal());
  for (const strength of FAVOURITES) {
    const axis: Axis = AXES[random.index(PREVALENCE_CUMULATIVE)] ?? 'heart';
    add(taste, leaning({ [axis]: strength }), 1);
  }
  return taste;
}

function populationTaste(age: number): Float64Array {
  const taste = leaning(POPULATION);
  add(taste, leaning(ageEffect(age)), 1);
  return taste;
}

function ageEffect(age: number): Leaning {
  if (age < 13)
    return { childhood: 1.2, laughter: 0.2, wonder: 0.2, shadow: -0.5, heart: -0.3, 'golden-age': -0.2 };
  if (age < 20) return { wonder: 0.5, spectacle: 0.4, laughter: 0.2, 'golden-age': -0.4 };
  if (age < 35) return { wonder: 0.3, 'golden-age': -0.25, childhood: -0.2 };
  if (age < 55) return { childhood: -0.2 };
  return { frontier: 0.25, song: 0.2, 'golden-age': 0.4, wonder: -0.2, childhood: -0.3 };
}

function sums(weights: readonly number[]): Float64Array {
  let total = 0;
  return Float64Array.from(weights, (weight) => (total += weight));
}
