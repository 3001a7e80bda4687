import type { Card } from '../../contracts/index.js';
import { percent } from '../percent.js';
import { escape, list, reportDocument } from '../report-page/document.js';
import { formulaTable } from './formula-table.js';
import { knownLimits } from './limits.js';
import { gatesSection, lineageSection, trainingSection } from './record-sections.js';
import { groupsSection, popularitySection, qualitySection } from './quality-sections.js';
import { gatesInShort } from './gates-in-short.js';
import { inShort } from './in-short.js';
import { count } from './words.js';

/** The card as one HTML page that a product manager can read from top to bottom; details fold. `home`: where its service is. */
export function cardPage(card: Card, home?: string): string {
  const { scoping, releaseId, night } = card;
  return reportDocument(
    `Model card: ${scoping.service}, night of ${night}`,
    `<p class="soft">Model card · ${home === undefined ? escape(scoping.service) : `<a href="${escape(home)}">${escape(scoping.service)}</a>`}</p>
<h1>Recommendations of the night of ${escape(longDate(night))}</h1>
<p>${escape(inShort(card))}</p>
${tiles(card)}
<p class="soft">Release <code>${escape(releaseId)}</code>, made ${escape(card.createdAt.slice(0, 16).replace('T', ' '))} UTC from what viewers did up to ${escape(card.asOf.slice(0, 16).replace('T', ' '))} UTC.</p>
<h2 id="purpose">What it is for</h2>
<p>${escape(scoping.problem)}</p>
<div class="pair"><div><h3>Goals</h3>${list(scoping.goals)}</div><div><h3>Constraints</h3>${list(scoping.constraints)}</div>
<div><h3>Use it for</h3>${list(scoping.intendedUse)}</div><div><h3>Do not use it for</h3>${list(scoping.outOfScope)}</div>
<div><h3>Whom it concerns</h3>${list(scoping.stakeholders)}</div><div><h3>Who answers for it</h3>${list(Object.entries(scoping.owners).map(([part, who]) => `${part}: ${who}`))}<p class="soft">Contact: ${escape(scoping.contact)}</p></div></div>
${qualitySection(card)}
${groupsSection(card)}
${popularitySection(card)}
${gatesSection(card)}
<h2 id="formula">Why not the formula?</h2>
<p>The Top list is a formula over votes: nobody has to train it, and it is what everybody sees when nothing else is right. What the model costs beside it:</p>
${formulaTable(card)}
${trainingSection(card)}
${lineageSection(card)}
<h2 id="limits">Known limits</h2>
${list(knownLimits(card))}`,
  );
}

function tiles(card: Card): string {
  const { report, counts, audit, verdict, data } = card;
  const gates = verdict?.gates ?? [];
  const formula = report?.differences.find(({ baseline }) => baseline === 'weighted-rating');
  const popular = report?.differences.find(({ baseline }) => baseline === 'popularity');
  const signed = (share: number) => `${share < 0 ? '−' : '+'}${Math.abs(Math.round(100 * share))} %`;
  const all: [value: string, what: string][] = [
    [
      count(counts.personal),
      `personal lists; ${count(counts.formula)} by the formula, ${count(counts.none)} with nothing to show`,
    ],
    ...(popular === undefined
      ? []
      : [
          [signed(popular.relative), 'better order than what most people watch (NDCG@10)'] as [
            string,
            string,
          ],
        ]),
    ...(formula === undefined
      ? []
      : [[signed(formula.relative), 'better order than the Top list (NDCG@10)'] as [string, string]]),
    [String(audit.violations), `films above a viewer’s age, of ${count(audit.pairs)} shown or cited`],
    ...(verdict === null || gates.length === 0 ? [] : [gatesInShort(verdict)]),
    [
      percent(data.viewers === 0 ? 0 : data.consenting / data.viewers, 0),
      'of viewers allow personal lists; nobody else is learnt from',
    ],
  ];
  return `<ul class="tiles">${all.map(([value, what]) => `<li><b>${escape(value)}</b>${escape(what)}</li>`).join('')}</ul>`;
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** 2026-11-25 → 25 November 2026 */
function longDate(date: string): string {
  const [year, month, day] = date.split('-').map(Number);
  return `${day} ${MONTHS[(month ?? 1) - 1]} ${year}`;
}
