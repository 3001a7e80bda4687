import type { Card } from '../../contracts/index.js';
import { asSentence, count } from './words.js';

/** What a reader must not conclude from the card, and what is not measured at all. */
export function knownLimits({ report, verdict, provisional, model, data, counts, errors }: Card): string[] {
  const limits: string[] = [];
  if (model === null) limits.push('No model made these lists: everybody has the formula’s.');
  if (provisional)
    limits.push(
      'Provisional: a first release, judged on less evidence than later ones, or accepted by a person.',
    );
  if (report === null) limits.push('Nothing was measured for this release.');
  else {
    limits.push(
      `Measured on what ${count(report.viewers)} viewers did afterwards, not by showing them the lists: a gain here is not yet a gain in the shop.`,
      'What viewers watched was partly caused by the lists of then, which favours models like the last one.',
    );
    if (report.split === 'per-viewer-80-20')
      limits.push('Trained on other viewers’ future: good for ordering models, not for a promise.');
    if (report.scores.every(({ model: name }) => name !== 'champion'))
      limits.push('Not compared with the release before: there is none whose recipe could be refitted.');
    for (const note of report.notes ?? []) limits.push(asSentence(note));
  }
  if (errors?.slices !== undefined && errors.slices.every(({ viewers }) => viewers < 300)) {
    limits.push('No group of viewers is large enough (300) to be tested on its own.');
  }
  if (verdict?.gates?.some(({ state }) => state === 'INCONCLUSIVE') === true) {
    limits.push('At least one gate had too little evidence to answer.');
  }
  const unsigned = data.viewers - data.consenting;
  if (unsigned > 0)
    limits.push(
      `Nothing is learnt from ${count(unsigned)} viewers who do not allow it; they see the formula’s lists.`,
    );
  if (counts.none > 0)
    limits.push(`${count(counts.none)} viewers have no list, because nothing may be shown to them.`);
  limits.push(
    'Not measured in this version: a share of viewers on the new lists before all (canary), lists compared in the dark (shadow), and what another order would have earned (off-policy).',
  );
  return limits;
}
