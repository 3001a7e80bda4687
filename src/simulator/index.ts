export {
  type AgeRule,
  type Audience,
  type AudienceOptions,
  type AudienceTruth,
  simulateAudience,
} from './audience.js';
export type { KnownFilm, SimulatedFilm } from './catalogue.js';
export { NAMED_VIEWERS, demoAudience } from './demo-audience.js';
export { parseDemoFilms } from './demo-films.js';
export type { NamedViewer, SimulatedViewer } from './households.js';
export { AXES, GENRES } from './taste-space.js';
