/**
 * Terminology, used with these meanings everywhere:
 *
 * viewer       a profile; an account groups profiles. HTTP says user.
 * film         HTTP says movie.
 * event        one thing a viewer did.
 * interaction  a viewer-film pair with preference p (1, 0, or unobserved) and weight w.
 * exclusion    a viewer's wish that a film be hidden, or that what they did with it counts for nothing.
 * pid          pseudonymous viewer id: HMAC-SHA256(key, profile id), first 16 bytes, written as a UUID.
 * bucket       pid's first 16 bits mod N, a power of two.
 * night D      server time up to T = D+1 00:00 UTC.
 * run          one night's execution.
 * recipe       code + config that makes a model, hashed.
 * candidate    a trained model not yet released.    champion   the recipe being served.
 * report       measured metrics.                    verdict    promote / hold / reject, with reasons.
 * release      immutable lists + card.              channel    pointer to the served release.
 */
export * from './analysis.js';
export * from './api.js';
export * from './artifacts.js';
export * from './card.js';
export * from './catalogue.js';
export * from './config.js';
export * from './events.js';
export * from './exclusions.js';
export * from './failures.js';
export * from './films.js';
export * from './gate.js';
export * from './kinds.js';
export * from './lineage.js';
export * from './night.js';
export * from './release.js';
export * from './report.js';
export * from './scoping.js';
export * from './snapshot.js';
export * from './sources.js';
export * from './training.js';
export * from './tuning.js';
