// What viewers get from a night on a user's own data, asked over HTTP and held against the raw files:
//   node bench/acceptance.js movielens <folder>       node bench/acceptance.js movietweetings <folder>
// Two nights: as the data are, and with a certificates file made here (seeded, half of it in labels that mean "unknown").
// The age rule is written out again below, on purpose not imported from the product. Exits 1 when a promise is broken.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeHome, matinee, removeHome, seeded, servedBy, table, withApi, withStack } from './stack.js';

const [kind, folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node bench/acceptance.js movielens|movietweetings <folder>');
  process.exit(2);
}
const PAIRS = 2000;
const K = 10;
const PERSONAL_SHARE = 0.9;
const MOST_OVERLAP = 0.5;
/** Reasons that cite the viewer's own history. */
const CITING = new Set(['watched', 'liked', 'rated', 'saved', 'shared']);
const MPA = { G: 0, PG: 10, 'PG-13': 13, R: 17, 'NC-17': 18 };
const LABELS = [...Object.keys(MPA), 'NR', 'Approved', 'M/PG', '', null];

const raw = readRaw();
const template = makeHome();
const broken = [];
const remarks = [];
const columns = [];
try {
  process.stdout.write(matinee(template, 'import', kind, folder));
  await measure('no certificates', new Map());
  const certificates = makeCertificates();
  const file = join(template, 'logs', 'certificates.csv');
  const lines = [...certificates].map(([film, label]) => `${film},MPA,${label}`);
  writeFileSync(file, ['film_id,scheme,certificate', ...lines, ''].join('\n'));
  process.stdout.write(matinee(template, 'import', kind, folder, '--certificates', file));
  await measure(`${certificates.size} certificates`, certificates);
} finally {
  removeHome(template);
}
const names = Object.keys(columns[0].figures);
console.log(
  table(
    names.map((what) => ({
      what,
      ...Object.fromEntries(columns.map(({ title, figures }) => [title, figures[what]])),
    })),
  ),
);
for (const sentence of remarks) console.log(sentence);
for (const sentence of broken) console.log(`BROKEN: ${sentence}`);
if (broken.length === 0) console.log('\nevery promise held');
process.exitCode = broken.length > 0 ? 1 : 0;

async function measure(title, certificates) {
  const home = makeHome(template);
  try {
    await withStack(home, async (running) => {
      const nights = await running.nights();
      const result = await (await nights.startNight({}, 'acceptance')).result();
      const answers = await withApi(home, running.store, askEverybody);
      columns.push({ title, figures: judge(title, result, answers, certificates) });
    });
  } finally {
    removeHome(home);
  }
}

async function askEverybody({ list }) {
  const answers = new Map();
  const viewers = [...raw.histories.keys()];
  const ask = async () => {
    for (let viewer = viewers.pop(); viewer !== undefined; viewer = viewers.pop()) {
      answers.set(viewer, await list(viewer, 50));
    }
  };
  await Promise.all(Array.from({ length: 8 }, ask));
  return answers;
}

function judge(title, result, answers, certificates) {
  const promise = (holds, sentence) => holds || broken.push(`${title}: ${sentence}`);
  const year = Number(result.date.slice(0, 4));
  const adults = [...raw.histories.keys()].filter((viewer) => (raw.ages.get(viewer) ?? 18) >= 18);
  const minors = [...raw.histories.keys()].filter((viewer) => (raw.ages.get(viewer) ?? 18) < 18);
  const answered = [...answers.values()].filter(({ status }) => status === 200).length;
  const counts = servedBy([...answers.values()].map(({ body }) => body));
  const personalAdults = adults.filter((v) => answers.get(v).body?.servedBy === 'personal').length;
  const overlap = meanOverlap(answers);

  let [foreign, seen, tooOld, cited, minorItems] = [0, 0, 0, 0, 0];
  for (const [viewer, { body }] of answers) {
    const history = raw.histories.get(viewer);
    for (const { movieId, reason } of body?.items ?? []) {
      if (body.servedBy === 'personal' && history.has(movieId)) seen++;
      if (CITING.has(reason.kind)) {
        cited++;
        if (reason.movieIds.length === 0 || !reason.movieIds.every((id) => history.has(id))) foreign++;
      }
      const age = raw.ages.get(viewer);
      if (age === undefined || age >= 18) continue;
      minorItems++;
      if ((MPA[certificates.get(movieId)] ?? 18) > age) tooOld++;
    }
  }
  const promoted = result.verdict?.kind === 'promote';
  remarks.push(`${title}: ${result.verdict?.reasons.join('; ') ?? result.reasons?.join('; ')}`);
  if (!promoted) remarks.push(`${title}: the gate let no model through, so every list is the formula's`);
  promise(answered === raw.histories.size, `${raw.histories.size - answered} viewers were not answered`);
  promise(foreign === 0, `${foreign} reasons cite films outside their viewer's history`);
  promise(seen === 0, `${seen} items were rated by their viewer already`);
  promise(tooOld === 0, `${tooOld} items of minors are above their age`);
  if (promoted) {
    const share = personalAdults / adults.length;
    promise(
      share >= PERSONAL_SHARE,
      `${percent(share)} of adults personal, wanted ${percent(PERSONAL_SHARE)}`,
    );
    promise(overlap <= MOST_OVERLAP, `mean overlap@10 ${overlap.toFixed(3)}, wanted at most ${MOST_OVERLAP}`);
    promise(cited > 0, 'no reason cites anything');
  }
  if (certificates.size > 0 && minors.length > 0) promise(minorItems > 0, 'no minor was shown anything');
  return {
    night: `${result.date} (ages in ${year})`,
    verdict: result.verdict?.kind ?? result.kind,
    'viewers answered': `${answered} of ${raw.histories.size}`,
    'served by': Object.entries(counts)
      .map(([by, n]) => `${by} ${n}`)
      .join(', '),
    'adults with a personal list': `${personalAdults} of ${adults.length} (${percent(personalAdults / adults.length)})`,
    [`mean overlap@${K} of ${PAIRS} pairs`]: Number.isNaN(overlap) ? 'no personal lists' : overlap.toFixed(3),
    'reasons citing films': cited,
    '… outside the history': foreign,
    'personal items rated already': seen,
    minors: minors.length,
    'items shown to minors': minorItems,
    '… above their age': tooOld,
  };
}

/** Shared films of the first ten, over ten, of seeded random pairs of viewers with personal lists. */
function meanOverlap(answers) {
  const lists = [...answers]
    .filter(([, { body }]) => body?.servedBy === 'personal' && body.items.length >= K)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { body }]) => body.items.slice(0, K).map(({ movieId }) => movieId));
  if (lists.length < 2) return NaN;
  const random = seeded(7);
  let shared = 0;
  for (let pair = 0; pair < PAIRS; pair++) {
    const a = Math.floor(random() * lists.length);
    const b = (a + 1 + Math.floor(random() * (lists.length - 1))) % lists.length;
    const other = new Set(lists[b]);
    shared += lists[a].filter((film) => other.has(film)).length / K;
  }
  return shared / PAIRS;
}

/** film → label; some films get none, some one that the age rule does not know. */
function makeCertificates() {
  const random = seeded(11);
  const drawn = raw.films.map((film) => [film, LABELS[Math.floor(random() * LABELS.length)]]);
  return new Map(drawn.filter(([, label]) => label !== null && label !== ''));
}

/** Histories, films and known ages, read from the folder without the product's importers. */
function readRaw() {
  const lines = (name) =>
    readFileSync(join(folder, name), 'latin1')
      .split(/\r?\n/)
      .filter((line) => line !== '');
  const [ratings, films, gap] =
    kind === 'movietweetings'
      ? [lines('ratings.dat'), lines('movies.dat'), '::']
      : [lines('u.data'), lines('u.item'), '\t'];
  const histories = new Map();
  const ages = new Map();
  if (kind === 'movielens') {
    for (const line of lines('u.user')) {
      const [viewer, age] = line.split('|');
      histories.set(viewer, new Set());
      ages.set(viewer, Number(age));
    }
  }
  for (const line of ratings) {
    const [viewer, film, rating] = line.split(gap);
    if (!histories.has(viewer)) histories.set(viewer, new Set());
    if (Number(rating) > 0) histories.get(viewer).add(film);
  }
  return { histories, ages, films: films.map((line) => line.split(kind === 'movielens' ? '|' : '::')[0]) };
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}
