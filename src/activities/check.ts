import { readFile } from 'node:fs/promises';
import {
  type ArtifactRef,
  type CheckInput,
  checkInputSchema,
  type CheckLine,
  checkLineSchema,
  type CheckReport,
  checkReportSchema,
  type CheckResult,
  EVENT_TYPES,
} from '../contracts/index.js';
import { EVENT_COLUMNS } from './columns.js';
import { currentContext } from './context.js';
import type { ActivityDeps, Session } from './deps.js';
import { permanentFailure } from './failures.js';
import { readJson } from './read-json.js';
import { snapshotFactsSchema, snapshotFiles } from './snapshot.js';
import { SEGMENTS_FILE, segmentListSchema } from './suspect-segments.js';
import { writeJsonFile } from './write-json.js';

/** `warehouse/check/<name>.sql`, in the order of the report. Each gives lines: severity, thing, expected, observed. */
const CHECKS = [
  'quarantine',
  'suspects',
  'schema_values',
  'schema_columns',
  'completeness',
  'unique_films',
  'unique_viewers',
  'duplicates',
  'orphans',
  'volume',
  'freshness',
] as const;

export function createCheckActivities(deps: ActivityDeps) {
  return {
    /**
     * Looks at the snapshot before anything is learnt from it (science E.1). A block means: train nothing tonight and
     * serve the last good release. The report `runs/<runId>/check/report.json` holds every line, good ones too.
     */
    checkSnapshot: async (input: CheckInput): Promise<CheckResult> => {
      const { night, snapshot, segments, extract } = checkInputSchema.parse(input);
      const context = currentContext();
      const inputs = [snapshot.events, snapshot.films, snapshot.viewers];
      const uri = `runs/${night.runId}/check`;
      const report = await deps.artifacts.write(uri, { schema: 'check/1', inputs }, async (folder) => {
        const lines = await deps.warehouse.session(
          async (session) => {
            await openSnapshot(deps, session, { night, snapshot, segments, extract });
            return runChecks(session, CHECKS, (running) => context.heartbeat({ running }));
          },
          { signal: context.signal },
        );
        return writeReport(folder, { night: night.date, lines });
      });
      return resultOf(report, await readReport(deps, report));
    },
  };
}

/** Runs `warehouse/check/<name>.sql` one after another over the session's views. */
export async function runChecks(
  session: Session,
  checks: readonly string[],
  onCheck: (check: string) => void = () => {},
): Promise<CheckLine[]> {
  const lines: CheckLine[] = [];
  for (const check of checks) {
    onCheck(check);
    const rows = await session.rowsOf<Omit<CheckLine, 'check'>>(`check/${check}`);
    lines.push(...rows.map((row) => checkLineSchema.parse({ check, ...row })));
  }
  return lines;
}

/** thing: expected …, observed … */
export const sentenceOf = ({ thing, expected, observed }: CheckLine): string =>
  `${thing}: expected ${expected}, observed ${observed}`;

async function openSnapshot(
  deps: ActivityDeps,
  session: Session,
  { night, snapshot, segments, extract }: CheckInput,
): Promise<void> {
  await session.view('events', await snapshotFiles(deps.artifacts, snapshot.events), EVENT_COLUMNS);
  await session.view('films', await deps.artifacts.files(snapshot.films));
  await session.view('viewers', await deps.artifacts.files(snapshot.viewers));

  const { suspects } = await readJson(deps.artifacts, segments, SEGMENTS_FILE, segmentListSchema);
  const ofThisNight = suspects.filter(({ firstDay }) => firstDay === null || firstDay <= night.date);
  await session.set('suspects', JSON.stringify(ofThisNight));
  const manifest = await deps.artifacts.read(snapshot.events.uri);
  const { repeats } = snapshotFactsSchema.parse(manifest?.facts);
  const { checks } = deps.config;
  await session.set('as_of', night.asOf, 'TIMESTAMP');
  await session.set('night_from', night.date, 'TIMESTAMP');
  await session.set('night_to', night.asOf, 'TIMESTAMP');
  await session.set('event_types', [...EVENT_TYPES], 'VARCHAR[]');
  await session.set('is_live', extract.live ?? false);
  const numbers: Record<string, number> = {
    count_repeats: repeats,
    count_extracted: extract.extracted,
    count_quarantined: extract.quarantined,
    max_quarantine_share: checks.maxQuarantineShare,
    min_completeness: checks.minCompleteness,
    max_orphan_share: checks.maxOrphanShare,
    block_orphan_share: checks.blockOrphanShare,
    max_duplicate_share: checks.maxDuplicateShare,
    volume_warn: checks.volumeWarn,
    volume_block: checks.volumeBlock,
    freshness_hours: checks.freshnessHours,
  };
  for (const [name, value] of Object.entries(numbers)) await session.set(name, value, 'DOUBLE');
}

async function writeReport(folder: string, report: CheckReport) {
  const count = (severity: CheckLine['severity']) =>
    report.lines.filter((line) => line.severity === severity).length;
  return {
    files: [await writeJsonFile(folder, 'report.json', report, report.lines.length)],
    facts: { ok: count('ok'), warn: count('warn'), block: count('block') },
  };
}

/** The committed report, which on a retry is the first attempt's. */
async function readReport(deps: ActivityDeps, ref: ArtifactRef): Promise<CheckReport> {
  const [file] = await deps.artifacts.files(ref);
  if (file === undefined) {
    throw permanentFailure('ArtifactCorrupt', `${ref.uri}: expected a report.json, found no file`);
  }
  return checkReportSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

function resultOf(report: ArtifactRef, { lines }: CheckReport): CheckResult {
  const sentences = (severity: CheckLine['severity']) =>
    lines.filter((line) => line.severity === severity).map(sentenceOf);
  const warnings = sentences('warn');
  const reasons = sentences('block');
  return reasons.length > 0
    ? { kind: 'block', report, reasons, warnings }
    : { kind: 'pass', report, warnings };
}
