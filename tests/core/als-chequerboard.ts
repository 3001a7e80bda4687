import { buildCells } from '../../src/core/als/cells.js';
import { startFilms } from '../../src/core/als/start.js';
import { type Workspace, createWorkspace } from '../../src/core/als/workspace.js';
import { HYPER, listOf } from './als-problem.js';

/** Even viewers like even films, odd viewers odd films; one cell is left out. */
export function chequerboard(viewers: number, films: number, without: { u: number; i: number }): Workspace {
  const cells: [number, number, number][] = [];
  for (let u = 0; u < viewers; u++) {
    for (let i = u % 2; i < films; i += 2) if (u !== without.u || i !== without.i) cells.push([u, i, 1e6]);
  }
  const { arena, byRow, byColumn } = buildCells(viewers, films, listOf(cells));
  const workspace = createWorkspace({ arena, byViewer: byRow, byFilm: byColumn }, HYPER);
  const ids = Array.from({ length: films }, (_, i) => String(i));
  startFilms(workspace, ids, { seed: 1, initSd: 0.1 });
  return workspace;
}
