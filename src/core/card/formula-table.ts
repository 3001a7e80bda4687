import type { Card } from '../../contracts/index.js';
import { stackedTable } from '../report-page/document.js';
import { count, duration } from './words.js';

/**
 * Why not the formula? (science A21.) The Top list needs no learning and never drifts; what this release costs beside it,
 * and what it brings, in its own figures.
 */
export function formulaTable(card: Card): string {
  const { model, lineage, repeats, data } = card;
  const wallMs = lineage.steps.reduce((sum, { wallMs: ms }) => sum + ms, 0);
  const trainMs = lineage.steps
    .filter(({ uri }) => /\/train(-\w+)?$/.test(uri))
    .reduce((sum, { wallMs: ms }) => sum + ms, 0);
  const last = repeats[0];
  const width = model === null ? 0 : model.kind === 'ease' ? model.films : model.k;
  const g10 = card.verdict?.gates?.find(({ gate }) => gate === 'G10');
  return stackedTable(
    ['', 'the formula', 'this release'],
    [
      [
        'complexity',
        'one line of arithmetic over votes',
        model === null
          ? 'none: these are the formula’s lists'
          : `eight stages; ${count(model.films)} films × ${count(width)} learnt numbers (${count(model.films * width)})`,
      ],
      [
        'finding a mistake',
        'a wrong vote or a wrong line of code: both can be pointed at',
        'may also be what was not measured, or what was learnt: “matinee explain” splits each score into the films it came from',
      ],
      [
        'new films and votes',
        'with its next release, by default every five minutes, and after imports; without any training',
        `with the next night, new films by their facts: ${duration(wallMs)} of work this time, ${duration(trainMs)} of it training; until then new films stand in the formula’s New Arrivals`,
      ],
      [
        'what a viewer just did',
        'what was watched, rated or disliked leaves that viewer’s list at once; nothing else moves',
        'the same; and that viewer’s own list is worked out again where a refresh is asked for. Other viewers’ lists learn from it with the next night',
      ],
      [
        'same input, same output',
        'always, now and in a year',
        g10 === undefined
          ? 'not asked for this release'
          : `${g10.sentence}; new behaviour makes new lists${last === undefined ? '' : ` (${percentOf(last.overlap)} of the first ten as ${last.nights} nights ago)`}`,
      ],
      [
        'drift',
        'none: no taste to go stale',
        `learns ${count(data.days)} days of behaviour, so it follows taste and can follow an error; judged anew each night`,
      ],
      [
        'whom it fits',
        'everybody alike; who has seen the Top list finds nothing new',
        `${count(card.counts.personal)} of ${count(card.counts.viewers)} viewers have a list of their own`,
      ],
    ],
  );
}

const percentOf = (share: number) => `${Math.round(100 * share)} %`;
