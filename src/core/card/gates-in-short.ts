import { GATES, type GateId, type Verdict } from '../../contracts/index.js';

/** When the gates that a class of release leaves out are asked. */
const ASKED_LATER: Record<NonNullable<Verdict['class']>, string> = {
  first: 'are asked from the second release on',
  refresh: 'are asked when the recipe changes',
  'recipe-change': 'were not asked',
};

/** How many gates passed, of how many that were asked, and which were not: a number, and what it counts. */
export function gatesInShort({ gates = [], class: what }: Verdict): [value: string, what: string] {
  const passed = gates.filter(({ state }) => state === 'PASS').length;
  const left = (Object.keys(GATES) as GateId[]).filter((id) => gates.every(({ gate }) => gate !== id));
  const later = what === undefined || left.length === 0 ? '' : `; ${runsOf(left)} ${ASKED_LATER[what]}`;
  return [`${passed} of ${gates.length}`, `gates that were asked passed${later}`];
}

/** G1, G2, G3, G5 → G1–G3, G5 */
function runsOf(gates: readonly GateId[]): string {
  const runs: number[][] = [];
  for (const n of gates.map((gate) => Number(gate.slice(1)))) {
    const run = runs.at(-1);
    if (run?.at(-1) === n - 1) run.push(n);
    else runs.push([n]);
  }
  return runs
    .flatMap((run) => (run.length > 2 ? [`G${run[0]}–G${run.at(-1)}`] : run.map((n) => `G${n}`)))
    .join(', ');
}
