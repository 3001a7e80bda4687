export { gram } from './gram';
export { exactScratch, solveExact } from './exact';
export { cgScratch, solveCg } from './cg';
export { genreLines, topPruned } from './scan';
export { sweepPanels, sweepUpdate } from './inverse';
export { affinities, mixMoments, moments, tastes, topServed, totals } from './served';
export { turn, turnScratch } from './turn';
