import { cpus, totalmem } from 'node:os';
import {
  type ArtifactRef,
  type Card,
  analysisSchema,
  type CheckReport,
  type Effort,
  checkReportSchema,
  effortSchema,
  type Lineage,
  trainingRecordSchema,
  type ReleaseManifest,
} from '../contracts/index.js';
import type { Earlier, createListTally } from '../core/card/list-tally.js';
import { cardPage } from '../core/card/page.js';
import { CONSENT } from '../contracts/films.js';
import type { ActivityDeps, ListReader, ReleaseDraft, Session } from './deps.js';
import { processor } from './effort.js';
import { readModel } from './model-files.js';
import { runShares } from './outcomes.js';
import { readJson } from './read-json.js';
import { snapshotFactsSchema } from './snapshot.js';

export const CARD_FILE = 'card.json';
export const CARD_PAGE = 'card.html';

/** A list of so many nights ago answers whether viewers see new films; it is looked for as near as releases are kept. */
const WEEK = 7;
const DAY_MS = 86_400_000;

type CardDeps = Pick<ActivityDeps, 'config' | 'clock' | 'artifacts' | 'releases'>;

/** Earlier releases to hold the lists against, open while lists go by: the last served one, and one of a week ago. */
export async function openEarlier(
  { releases }: Pick<ActivityDeps, 'releases'>,
  night: string,
): Promise<{ earlier: Earlier[]; close: () => Promise<void> }> {
  const served = new Map<string, ReleaseManifest>();
  for (const { releaseId } of await releases.history('default')) {
    const release = await releases.manifest(releaseId);
    if (release?.kind === 'personal' && release.night < night) served.set(release.night, release);
  }
  const nights = [...served.keys()].sort();
  const weekAgo = new Date(Date.parse(night) - WEEK * DAY_MS).toISOString().slice(0, 10);
  const wanted = new Set([nights.at(-1), nights.findLast((date) => date <= weekAgo)]);
  const readers: ListReader[] = [];
  const earlier: Earlier[] = [];
  for (const date of wanted) {
    const release = date === undefined ? undefined : served.get(date);
    if (date === undefined || release === undefined) continue;
    const reader = await releases.readLists(release.releaseId);
    readers.push(reader);
    earlier.push({
      releaseId: release.releaseId,
      night: date,
      nights: Math.round((Date.parse(night) - Date.parse(date)) / DAY_MS),
      listOf(pid) {
        const list = reader.packed(pid);
        if (list?.servedBy !== 'personal') return null;
        return Array.from({ length: Math.min(list.length, 10) }, (_, n) => reader.films[list.film(n)]!);
      },
    });
  }
  return { earlier, close: async () => void (await Promise.all(readers.map((reader) => reader.close()))) };
}

export interface CardInput {
  manifest: Pick<
    ReleaseManifest,
    'releaseId' | 'night' | 'asOf' | 'provisional' | 'counts' | 'audit' | 'report' | 'verdict' | 'serving'
  >;
  lineage: Lineage;
  model: ArtifactRef | null;
  evaluation: ArtifactRef | null;
  tally: ReturnType<typeof createListTally>;
}

/** Gathers what is known of a release and writes its card, for programs and for people. */
export async function writeCard(
  deps: CardDeps,
  session: Session,
  input: CardInput,
  draft: ReleaseDraft,
): Promise<void> {
  const card = await cardOf(deps, session, input);
  await draft.write(CARD_FILE, Buffer.from(JSON.stringify(card, null, 1)));
  await draft.write(CARD_PAGE, Buffer.from(cardPage(card)));
}

async function cardOf(
  deps: CardDeps,
  session: Session,
  { manifest, lineage, model, evaluation, tally }: CardInput,
): Promise<Card> {
  const { config, clock, artifacts } = deps;
  const { releaseId, night, asOf, provisional, counts, audit, report, verdict, serving } = manifest;
  const { snapshot, ...line } = lineage;
  const { releases, unservedReleases } = config.retention;
  const memoryMiB = Math.round(totalmem() / 2 ** 20);
  return {
    schema: 'card/1',
    releaseId,
    night,
    asOf,
    createdAt: clock.now().toISOString(),
    provisional,
    scoping: config.card,
    counts,
    audit,
    data: await dataOf(deps, session, lineage),
    model: model === null ? null : await modelOf(deps, model),
    serving,
    cost: await costOf(deps, await trainedBy(artifacts, model, lineage), evaluation),
    report,
    verdict,
    errors: await errorsOf(artifacts, evaluation),
    popularity: model === null ? null : await popularityOf(deps, model, tally),
    repeats: tally.repeats(),
    lineage: { ...line, snapshotSha256: snapshot.sha256 },
    hardware: { cpu: processor(), cores: cpus().length, memoryMiB },
    runs: await runShares(deps),
    retention: { releases, unservedReleases },
  };
}

async function dataOf(
  { artifacts }: CardDeps,
  session: Session,
  { runId, snapshot, interactions }: Lineage,
): Promise<Card['data']> {
  const { events, films, viewers, days } = snapshot;
  const facts = snapshotFactsSchema.safeParse((await artifacts.read(events.uri))?.facts);
  const [consent] = await session.rows<{ consenting: number }>(
    `SELECT count(*)::INTEGER AS consenting FROM viewers WHERE (consent & ${CONSENT.personalisation}) <> 0`,
  );
  return {
    firstDay: facts.success ? facts.data.firstDay : (days[0]?.day ?? ''),
    lastDay: facts.success ? facts.data.lastDay : (days.at(-1)?.day ?? ''),
    days: days.length,
    events: events.rows,
    films: films.rows,
    viewers: viewers.rows,
    consenting: consent?.consenting ?? 0,
    interactions: interactions?.rows ?? 0,
    warnings: await warningsOf(artifacts, runId),
  };
}

async function warningsOf(artifacts: CardDeps['artifacts'], runId: string): Promise<string[]> {
  const uri = `runs/${runId}/check`;
  const manifest = await artifacts.read(uri);
  if (manifest === null) return [];
  const { sha256, rows, bytes, schema } = manifest;
  const report: CheckReport = await readJson(
    artifacts,
    { uri, sha256, rows, bytes, schema },
    'report.json',
    checkReportSchema,
  );
  return report.lines
    .filter(({ severity }) => severity !== 'ok')
    .map(({ thing, expected, observed }) => `${thing}: expected ${expected}, found ${observed}`);
}

async function modelOf({ artifacts }: CardDeps, model: ArtifactRef): Promise<Card['model']> {
  const card = trainingRecordSchema.safeParse((await artifacts.read(model.uri))?.facts['card']);
  if (!card.success) return null;
  const effort = await effortIn(artifacts, model);
  return {
    ...card.data,
    sha256: model.sha256,
    bytes: model.bytes,
    ...(effort === undefined ? {} : { effort }),
  };
}

async function effortIn(
  artifacts: CardDeps['artifacts'],
  { uri }: Pick<ArtifactRef, 'uri'>,
): Promise<Effort | undefined> {
  return effortSchema.safeParse((await artifacts.read(uri))?.facts['effort']).data;
}

/** All models that the run trained for this one: with `model: auto` the other kind's, too. */
async function trainedBy(
  artifacts: CardDeps['artifacts'],
  model: ArtifactRef | null,
  { runId }: Lineage,
): Promise<Pick<ArtifactRef, 'uri'>[]> {
  if (model === null) return [];
  const ofRun = (await artifacts.list(`runs/${runId}`)).filter((uri) => /\/train(-\w+)?$/.test(uri));
  return [...new Set([model.uri, ...ofRun])].map((uri) => ({ uri }));
}

/** Of the stages whose CPU is the model's: training, and judging with its refits. */
async function costOf(
  { artifacts, config }: CardDeps,
  trained: readonly Pick<ArtifactRef, 'uri'>[],
  evaluation: ArtifactRef | null,
): Promise<Card['cost']> {
  const efforts: Effort[] = [];
  for (const stage of [...trained, ...(evaluation === null ? [] : [evaluation])]) {
    const effort = await effortIn(artifacts, stage);
    if (effort !== undefined) efforts.push(effort);
  }
  if (efforts.length === 0) return undefined;
  const cpuSeconds = efforts.reduce((sum, effort) => sum + effort.cpuSeconds, 0);
  const { cpuHourPrice, currency } = config.card;
  return {
    cpuSeconds,
    peakMiB: Math.max(...efforts.map(({ peakMiB }) => peakMiB)),
    price: cpuHourPrice === null ? null : (cpuHourPrice * cpuSeconds) / 3600,
    currency,
  };
}

async function errorsOf(
  artifacts: CardDeps['artifacts'],
  evaluation: ArtifactRef | null,
): Promise<Card['errors']> {
  const files = evaluation === null ? [] : ((await artifacts.read(evaluation.uri))?.files ?? []);
  if (evaluation === null || !files.some(({ path }) => path === 'analysis.json')) return null;
  const { topErrors, thirds, slices } = await readJson(
    artifacts,
    evaluation,
    'analysis.json',
    analysisSchema,
  );
  return { topErrors, thirds, ...(slices === undefined ? {} : { slices }) };
}

async function popularityOf(
  deps: CardDeps,
  model: ArtifactRef,
  tally: CardInput['tally'],
): Promise<Card['popularity']> {
  const { filmIds, standing } = await readModel(deps, model);
  return tally.popularity(filmIds, standing);
}
