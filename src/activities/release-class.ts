import {
  type CodeEffect,
  type Config,
  type ModelKind,
  type ReleaseClass,
  type ReleaseManifest,
  configSchema,
} from '../contracts/index.js';
import { changedParts } from '../core/als/recipe.js';
import { kindOf } from './champion.js';

/** Makes the champion once more by today's code (repro/code-effect.ts); given, for it runs the other stages. */
export type EffectOfCode = (
  champion: ReleaseManifest,
  signal: AbortSignal,
  say: (details: unknown) => void,
) => Promise<CodeEffect>;

export interface Classified {
  kind: ReleaseClass;
  /** "code" and parts of the config; undefined = nothing, or the champion's config is not one of this version. */
  changed: string[] | undefined;
  /** null = the champion was made by this very code. */
  codeEffect: CodeEffect | null;
}

/**
 * What a candidate is to the champion. The same recipe is a refresh, and so is one whose code differs without effect: an
 * upgrade that leaves every byte of the model as it was must not wait for the proof that a new model needs.
 */
export async function classify(
  { config, codeSha256, effectOfCode }: { config: Config; codeSha256: string; effectOfCode: EffectOfCode },
  champion: ReleaseManifest | null,
  { recipe, kind }: { recipe: string; kind: ModelKind },
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<Classified> {
  if (champion?.model == null) return { kind: 'first', changed: undefined, codeEffect: null };
  if (champion.model.recipe === recipe) return { kind: 'refresh', changed: undefined, codeEffect: null };
  const then = configSchema.safeParse(champion.config);
  if (!then.success) return { kind: 'recipe-change', changed: undefined, codeEffect: null };
  const before = { config: then.data, recipe: champion.model.recipe, kind: kindOf(champion.model) };
  const changed = changedParts(before, { config, codeSha256, kind });
  const codeEffect = changed.includes('code') ? await effectOfCode(champion, signal, say) : null;
  const isWithoutEffect = changed.length === 1 && codeEffect?.kind === 'none';
  return { kind: isWithoutEffect ? 'refresh' : 'recipe-change', changed, codeEffect };
}
