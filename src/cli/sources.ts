import { join } from 'node:path';
import type { Command } from 'commander';
import { newestReading } from '../activities/refresh-catalogue.js';
import type { ArtifactStore } from '../activities/deps.js';
import type { Feeds } from '../activities/feeds.js';
import { type CatalogueFacts, isCatalogueSource, type Source } from '../contracts/index.js';
import { loadSettings } from '../config.js';

export interface SourceState {
  name: string;
  kind: Source['kind'];
  /** Where its rows come from: a glob, or an address without its query. */
  from: string;
  /** Of a catalogue feed: its newest reading, and why it could not be read since. */
  reading: CatalogueFacts | null;
  failure: { at: string; problem: string } | null;
}

/** `matinee sources`: what the config adds to the operational store, and how old the facts of feeds are. No server needed. */
export function registerSources(program: Command): void {
  program
    .command('sources')
    .description(
      'the sources of the config: files, and catalogue feeds with their age, licence and refused rows',
    )
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: true }) => {
      const settings = loadSettings();
      const [{ readOnlyArtifacts }, { createFeeds }] = await Promise.all([
        import('../adapters/artifacts/artifact-store.js'),
        import('../adapters/catalogue/feeds.js'),
      ]);
      const states = await statesOf(settings.config.sources, {
        artifacts: readOnlyArtifacts(settings.warehouse),
        feeds: createFeeds(join(settings.home, 'cache', 'catalogue'), settings.sourceKeys),
      });
      const text = json ? JSON.stringify(states, null, 2) : describeSources(states, new Date());
      process.stdout.write(`${text}\n`);
    });
}

export async function statesOf(
  sources: Source[],
  deps: { artifacts: ArtifactStore; feeds: Pick<Feeds, 'lastFailure'> },
): Promise<SourceState[]> {
  return Promise.all(
    sources.map(async (source): Promise<SourceState> => {
      const { name, kind } = source;
      if (!isCatalogueSource(source)) return { name, kind, from: source.glob, reading: null, failure: null };
      const { origin, pathname } = new URL(source.url);
      const reading = (await newestReading(deps.artifacts, name))?.facts ?? null;
      return { name, kind, from: origin + pathname, reading, failure: await deps.feeds.lastFailure(source) };
    }),
  );
}

export function describeSources(states: SourceState[], now: Date): string {
  if (states.length === 0) {
    return 'The config names no sources; nights read the operational store. See docs/bring-your-own-data.md';
  }
  return states
    .flatMap((state) => [`${state.name}  ${state.kind}  ${state.from}`, ...detailsOf(state, now)])
    .join('\n');
}

function detailsOf({ kind, reading, failure }: SourceState, now: Date): string[] {
  if (kind !== 'catalogue') return [];
  const lines = failure === null ? [] : [`failed at ${failure.at}: ${failure.problem}`];
  if (reading === null) return [...lines, 'not read yet; the next night reads it'].map(indent);
  const hours = (now.getTime() - Date.parse(reading.fetchedAt)) / 3_600_000;
  const age = hours < 48 ? `${Math.round(hours)} hours` : `${Math.round(hours / 24)} days`;
  const unchanged = reading.unchangedPages === 0 ? '' : `, ${reading.unchangedPages} of them unchanged`;
  lines.push(
    `${reading.rows} films, ${age} old, ${reading.pages} pages${unchanged}`,
    `licence: ${reading.licence}`,
  );
  if (reading.refused > 0) {
    const reasons = Object.entries(reading.byReason).map(([reason, n]) => `${reason} ${n}`);
    lines.push(`${reading.refused} rows refused: ${reasons.join(', ')} (matinee quarantine list)`);
  }
  if (reading.conflicts.total > 0) {
    const films = reading.conflicts.first.map(({ filmId }) => filmId).slice(0, 5);
    lines.push(
      `lowered ${reading.conflicts.total} certificates, which was refused: films ${films.join(', ')} (acceptLowered)`,
    );
  }
  if (reading.unknownColumns.length > 0) lines.push(`columns not used: ${reading.unknownColumns.join(', ')}`);
  return lines.map(indent);
}

const indent = (line: string) => `  ${line}`;
