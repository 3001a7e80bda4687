import { CONSENT_ALL, type Profile } from '../contracts/films.js';
import type { AgeRule, AudienceOptions } from './audience.js';
import type { KnownFilm } from './catalogue.js';
import type { NamedViewer } from './households.js';

/** Viewers a person can try by name (`matinee recommend ada`); their tastes are meant to show in their lists. */
export const NAMED_VIEWERS: NamedViewer[] = [
  viewer('ada', 'Ada, film noir', 44, { shadow: 1.9, 'golden-age': 1 }),
  viewer('bruno', 'Bruno, westerns', 61, { frontier: 2.4 }),
  viewer('chitra', 'Chitra, Bengali and Indian cinema', 37, { 'south-asia': 2.6 }),
  viewer('dora', 'Dora, musicals', 52, { song: 3, 'golden-age': 0.4, childhood: -1.4 }),
  viewer('emil', 'Emil, science fiction', 40, { wonder: 2.3 }),
  {
    ...viewer('emil-jr', "Emil jr, Emil's son of 10, animation", 10, { childhood: 1.2, wonder: 0.5 }),
    accountId: 'account-emil',
    isKids: true,
  },
  {
    ...viewer('mia', "Mia, Dora's granddaughter of 7", 7, { childhood: 1.2, song: 0.6 }),
    accountId: 'account-dora',
    isKids: true,
  },
  {
    ...viewer('noah', "Noah, Bruno's grandson of 13", 13, { spectacle: 1.3, wonder: 0.9 }),
    accountId: 'account-bruno',
  },
];

/** Somebody who has done nothing yet, to see what a newcomer sees. */
export function newcomer(until: Date): Profile {
  return {
    profileId: 'nell',
    accountId: 'account-nell',
    name: 'Nell, new here',
    market: 'default',
    birthYear: until.getUTCFullYear() - 31,
    isKids: false,
    isAdultDeclared: false,
    consent: CONSENT_ALL,
    createdAt: until.toISOString(),
    isDemo: true,
  };
}

function viewer(profileId: string, name: string, age: number, favours: NamedViewer['favours']): NamedViewer {
  return {
    profileId,
    accountId: `account-${profileId}`,
    name,
    age,
    isKids: false,
    favours,
    activity: 0.6,
  };
}

/** The audience of the demo: about 160,000 events of 60 days. `until` is the start of a day, so that loading again changes nothing. */
export function demoAudience(films: KnownFilm[], until: Date, ages: AgeRule): AudienceOptions {
  return { seed: 1, viewers: 3000, days: 60, until, films, ages, named: NAMED_VIEWERS };
}
