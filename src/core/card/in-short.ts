import type { Card } from '../../contracts/index.js';
import { percent } from '../percent.js';
import { SPLITS, count, intervalOf } from './words.js';

/** The one sentence for who reads no other. */
export function inShort(card: Card): string {
  const { counts, verdict } = card;
  const hit = intervalOf(card, 'blend', 'hit@10');
  const before = intervalOf(card, 'popularity', 'hit@10');
  const [whom, served] = [
    `${count(counts.personal)} of ${count(counts.viewers)} viewers get a list of their own`,
    verdict?.kind ?? 'no verdict',
  ];
  if (hit === undefined || before === undefined) return `${whom}. Verdict: ${served}.`;
  return (
    `${whom}. Measured on ${SPLITS[card.report?.split ?? 'last-7-days']}: of ${count(card.report?.viewers ?? 0)} viewers, ${percent(hit.mean, 0)} had in their first ten films at least one that they went on to watch; ` +
    `with the films that most people watch it would have been ${percent(before.mean, 0)}.`
  );
}
