import { GATES, type GateOutcome } from '../../contracts/index.js';
import { escape } from './document.js';

/** Gates as every page of a night shows them. */
export function gateTable(outcomes: readonly GateOutcome[]): string {
  if (outcomes.length === 0) return '<p>No gate was asked.</p>';
  const rows = outcomes.map(
    ({ gate, state, sentence }) =>
      `<tr><td>${gate}</td><td>${escape(GATES[gate])}</td><td class="${state}">${state}</td><td>${escape(sentence)}</td></tr>`,
  );
  return `<div class="scroll"><table class="stack"><thead><tr><th>gate</th><th>asks</th><th>answer</th><th>evidence</th></tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}
