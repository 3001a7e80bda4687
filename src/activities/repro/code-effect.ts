import { type CodeEffect, type ReleaseManifest, configSchema } from '../../contracts/index.js';
import { isDiskFull } from '../failures.js';
import { missingOf, readLineage } from '../read-lineage.js';
import type { Remade } from './remade.js';
import { type ReproDeps, reproduce } from './reproduce.js';

/**
 * What a change of code does to the model: the champion is made once more by today's code from its own snapshot, config,
 * seed and start, and its bytes say it. A champion that cannot be made again is an answer, too: an upgrade that cannot read
 * an old snapshot must hold the night, not end it.
 */
export async function effectOfCode(
  deps: ReproDeps,
  champion: ReleaseManifest,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<CodeEffect> {
  const { releaseId } = champion;
  const unknown = (why: string): CodeEffect => ({
    kind: 'unknown',
    says: `the code changed, and release ${releaseId} cannot be made again to see what that does: ${why}`,
  });
  const parsed = configSchema.safeParse(champion.config);
  if (!parsed.success) return unknown('its config is not one of this version');
  const lineage = await readLineage(deps.artifacts, champion);
  if (lineage === null) return unknown('the version that made it wrote no lineage');
  const missing = await missingOf(deps.artifacts, lineage);
  if (missing.length > 0) return unknown(`${missing.length} parts of its snapshot are gone`);
  // Results do not depend on the threads or the memory: today's.
  const { ials, warehouse } = deps.config;
  const config = { ...parsed.data, warehouse, ials: { ...parsed.data.ials, threads: ials.threads } };
  try {
    const { remade } = await reproduce(
      { ...deps, config },
      {
        manifest: champion,
        lineage,
        signal,
        say: (work) => say({ ...work, step: `release ${releaseId} by today’s code: ${work.step ?? ''}` }),
      },
    );
    return effectOf(releaseId, remade);
  } catch (error) {
    if (signal.aborted || isDiskFull(error)) throw error;
    return unknown(error instanceof Error ? error.message.split('\n')[0]! : String(error));
  }
}

function effectOf(releaseId: string, remade: readonly Remade[]): CodeEffect {
  const isSame = (what: Remade['what']) => remade.find((each) => each.what === what)?.same !== false;
  const made = `the code changed; release ${releaseId} made again by today’s code has`;
  if (!isSame('interactions')) return { kind: 'model', says: `${made} other interactions to learn from` };
  // nothing learnt is nothing to compare: neither the same factors nor other ones
  const factors = remade.find(({ what }) => what === 'factors');
  if (factors === undefined || factors.seen === '') {
    return { kind: 'unknown', says: `${made} no model: ${factors?.differences[0] ?? 'nothing was trained'}` };
  }
  if (!factors.same) return { kind: 'model', says: `${made} the same interactions and other factors` };
  const lists = remade.find(({ what }) => what === 'lists');
  const [first = ''] = lists?.differences ?? [];
  if (lists?.sameOrder === true) {
    const others = lists.unjudged ?? 0;
    const note = others === 0 ? '' : `; of the lists that no model makes ${others} differ (${first})`;
    return {
      kind: 'none',
      says: `${made} the same factors and the same films in every personal list${note}`,
    };
  }
  return {
    kind: 'order',
    says: `${made} the same factors and other lists (${first}): the order of then cannot be run on this split`,
  };
}
