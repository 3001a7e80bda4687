export { type AgeRule, type AudienceOptions, simulateAudience } from './audience.js';
export type { KnownFilm } from './catalogue.js';
export { NAMED_VIEWERS, demoAudience } from './demo-audience.js';
export { parseDemoFilms } from './demo-films.js';
export type { SimulatedViewer } from './households.js';
export { GENRES } from './taste-space.js';
