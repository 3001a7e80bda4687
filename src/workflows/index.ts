// Every export of this file becomes a workflow; nothing else is exported.
export { backfill } from './backfill.js';
export { formula } from './formula.js';
export { nightly } from './nightly.js';
