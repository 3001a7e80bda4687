import { buildCells } from '../../src/core/als/cells.js';
import { startFilms } from '../../src/core/als/start.js';
import { type Workspace, createWorkspace } from '../../src/core/als/workspace.js';
import { HYPER } from './als-problem.js';

/** Even viewers like even films, odd viewers odd films; one cell is left out. */
export function chequerboard(viewers: number, films: number, without: { u: number; i: number }): Workspace {
  const cells: [number, number][] = [];
  for (let u = 0; u < viewers; u++) {
    for (let i = u % 2; i < films; i += 2) if (u !== without.u || i !== without.i) cells.push([u, i]);
  }
  const { arena, byRow, byColumn } = buildCells(viewers, films, {
    count: cells.length,
    row: Int32Array.from(cells, ([u]) => u),
    column: Int32Array.from(cells, ([, i]) => i),
    weightMicro: new Int32Array(cells.length).fill(1_000_000),
  });
  const workspace = createWorkspace({ arena, byViewer: byRow, byFilm: byColumn }, HYPER);
  const ids = Array.from({ length: films }, (_, i) => String(i));
  startFilms(workspace, ids, { seed: 1, initSd: 0.1 });
  return workspace;
}
