export { type AgeRule, type Audience, type AudienceOptions, simulateAudience } from './audience.js';
export type { KnownFilm } from './catalogue.js';
export { composedFilms } from './composed-films.js';
export { NAMED_VIEWERS, demoAudience, newcomer } from './demo-audience.js';
export { parseDemoFilms } from './demo-films.js';
export { GENRES } from './demo-space.js';
export type { SimulatedViewer } from './households.js';
export { REFERENCE_SETTINGS } from './settings.js';
export type { ChurnDraw, Exposure, TruthSink } from './truth.js';
export { VARIANTS, type Variant } from './utility.js';
export type { Tally, ViewerLife } from './viewer-life.js';
export { closedLoop } from './closed-loop/closed-loop.js';
export {
  type ServedPage,
  type Storefront,
  liveThrough,
  livesAfter,
  since,
} from './closed-loop/storefront.js';
