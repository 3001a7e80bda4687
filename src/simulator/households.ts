import { CONSENT, CONSENT_ALL, type Profile } from '../contracts/index.js';
import { Random } from './random.js';
import { DAY_MS } from './rhythm.js';
import type { AudienceSettings, Market } from './settings.js';
import { type Leaning, type TasteSpace, add, commonTaste, vectorOf } from './taste-space.js';

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
  /** What they seek from that day of the period on, if it changes. */
  drift: { day: number; taste: Float64Array } | null;
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

/** The `number`-th household (from 1), always the same for a seed: accountId `sim-000001`, profiles `sim-000001-1`, …. */
export function household(
  settings: AudienceSettings,
  seed: number,
  number: number,
  period: Period,
): SimulatedViewer[] {
  const { activity, rating, space } = settings;
  const accountId = `sim-${String(number).padStart(6, '0')}`;
  const random = new Random(seed, `household/${accountId}`);
  const { members } = HOUSEHOLDS[random.index(HOUSEHOLD_CUMULATIVE)] ?? HOUSEHOLDS[0];
  const market = marketOf(settings.markets, random);
  const joinedDay = random.chance(0.15) ? random.int(period.days) : 0;
  const createdAt = new Date(
    period.untilMs - (joinedDay > 0 ? period.days - joinedDay : period.days + random.int(1000)) * DAY_MS,
  ).toISOString();
  return members.map((member, place) => {
    const [from, to] = AGES[member];
    const age = from + random.int(to - from);
    const common = commonTaste(space, market.mean, age);
    const isDrifting = settings.driftShare > 0 && random.chance(settings.driftShare);
    return {
      profile: {
        profileId: `${accountId}-${place + 1}`,
        accountId,
        name: `Simulated viewer ${number}-${place + 1}`,
        market: market.name,
        ...agesOnRecord(member, age, period, random),
        consent: random.chance(0.03) ? CONSENT_ALL & ~CONSENT.personalisation : CONSENT_ALL,
        createdAt,
        isDemo: false,
      },
      age,
      taste: drawTaste(space, common, random),
      activity: (activity.mean / activity.shape) * random.gamma(activity.shape),
      ratingBias: rating.biasSd * random.normal(),
      firstDay: joinedDay,
      drift: isDrifting ? { day: random.int(period.days), taste: drawTaste(space, common, random) } : null,
    };
  });
}

/** A named viewer: population and age as everybody's, the favours as given, no noise. */
export function namedViewer(space: TasteSpace, named: NamedViewer, period: Period): SimulatedViewer {
  const taste = commonTaste(space, {}, named.age);
  add(taste, vectorOf(space, named.favours), 1);
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
      isDemo: true,
    },
    age: named.age,
    taste,
    activity: named.activity,
    ratingBias: 0,
    firstDay: 0,
    drift: null,
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

function drawTaste(space: TasteSpace, common: Float64Array, random: Random): Float64Array {
  const taste = common.map((mean) => mean + space.tasteSd * random.normal());
  for (const strength of space.favourites) {
    const axis = space.axes[random.index(sums(space.prevalence))] ?? '';
    add(taste, vectorOf(space, { [axis]: strength }), 1);
  }
  return taste;
}

/** No draw where there is nothing to choose: an audience of one market is as it was. */
function marketOf(markets: readonly Market[], random: Random): Market {
  const [only] = markets;
  if (only === undefined) throw new RangeError('an audience needs at least one market');
  if (markets.length === 1) return only;
  return markets[random.index(sums(markets.map(({ share }) => share)))] ?? only;
}

function sums(weights: readonly number[]): Float64Array {
  let total = 0;
  return Float64Array.from(weights, (weight) => (total += weight));
}
