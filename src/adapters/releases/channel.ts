import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, ReleaseConflictError, type ReleaseStore } from '../../activities/deps.js';
import { codeOf, createFile } from '../../activities/durable-files.js';
import { type ChannelEntry, channelEntrySchema } from '../../contracts/index.js';

const ENTRY = /^(\d{8})\.json$/;

/**
 * A channel is a folder of numbered, immutable entries; the highest number is current. No lock: link(2) lets one writer
 * create a number, so a killed writer blocks nobody, and the folder is the audit trail.
 */
export function createChannels(
  root: string,
  clock: Clock,
): Pick<ReleaseStore, 'current' | 'channels' | 'history' | 'flip'> {
  const folderOf = (channel: string) => join(root, plainName(channel));
  const nameOf = (seq: number) => `${String(seq).padStart(8, '0')}.json`;

  const sequence = async (channel: string): Promise<number[]> => {
    const names = await readdir(folderOf(channel)).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    });
    return names
      .flatMap((name) => ENTRY.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  };

  const entry = async (channel: string, seq: number): Promise<ChannelEntry> =>
    channelEntrySchema.parse(JSON.parse(await readFile(join(folderOf(channel), nameOf(seq)), 'utf8')));

  const current = async (channel: string): Promise<ChannelEntry | null> => {
    const seq = (await sequence(channel)).at(-1);
    return seq === undefined ? null : entry(channel, seq);
  };

  return {
    current,
    async channels(): Promise<string[]> {
      const found = await readdir(root, { withFileTypes: true }).catch(() => []);
      return found.filter((item) => item.isDirectory() && isPlainName(item.name)).map((item) => item.name);
    },
    async history(channel: string): Promise<ChannelEntry[]> {
      return Promise.all((await sequence(channel)).map((seq) => entry(channel, seq)));
    },
    async flip(
      channel: string,
      to: { releaseId: string; expectSeq: number; by: string; reason: string; asOf?: string },
    ): Promise<'flipped' | 'already'> {
      const now = await current(channel);
      if (now?.releaseId === to.releaseId) return 'already';
      if ((now?.seq ?? 0) !== to.expectSeq) throw conflict(channel, to, now);
      const folder = folderOf(channel);
      const seq = to.expectSeq + 1;
      const next: ChannelEntry = {
        seq,
        releaseId: to.releaseId,
        previous: now?.releaseId ?? null,
        by: to.by,
        reason: to.reason,
        ...(to.asOf === undefined ? {} : { asOf: to.asOf }),
        at: clock.now().toISOString(),
      };
      if (await createFile(join(folder, nameOf(seq)), JSON.stringify(next, null, 2))) return 'flipped';
      const winner = await current(channel);
      if (winner?.releaseId === to.releaseId) return 'already';
      throw conflict(channel, to, winner);
    },
  };
}

function conflict(
  channel: string,
  to: { releaseId: string; expectSeq: number },
  found: ChannelEntry | null,
): ReleaseConflictError {
  const seen = found === null ? 'an empty channel' : `${found.releaseId} at ${found.seq}`;
  return new ReleaseConflictError(
    `channel ${channel}: ${to.releaseId} expected to follow entry ${to.expectSeq}, found ${seen}`,
  );
}

/** Whether a folder can be one of ours; what else lies beside them (.DS_Store, a copy "x (1)") is not looked at. */
export const isPlainName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name);

/** Names become paths, so nothing but plain ones. */
export function plainName(name: string): string {
  if (!isPlainName(name)) throw new Error(`not a plain name: ${name}`);
  return name;
}
