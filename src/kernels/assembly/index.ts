export { gram } from './gram';
export { exactScratch, solveExact } from './exact';
export { cgScratch, solveCg } from './cg';
export { packFilms, topFilms, topScratch } from './top';
export { sweepPanels, sweepUpdate } from './inverse';
export { affinities, moments, tastes, topServed, totals } from './served';
export { turn, turnScratch } from './turn';
