import { epochStep } from '../core/als/epoch-step.js';
import { coldFilmsOf } from '../core/als/film-content.js';
import { startFilms } from '../core/als/start.js';
import { ModelDiverged } from '../core/als/train.js';
import { createWorkspace, publishedFactors } from '../core/als/workspace.js';
import type { Checkpoints } from './checkpoint.js';
import type { ActivityDeps } from './deps.js';
import { factorsOf } from './fit-factors.js';
import { startEffort } from './effort.js';
import { isDiskFull, permanentFailure } from './failures.js';
import type { Training, TrainedModel } from './trained-model.js';

/** Trains from the checkpoint if there is one of this data, else from the earlier model, else from the seeds. */
export async function trainAls(
  { config: { ials }, trainer }: Pick<ActivityDeps, 'config' | 'trainer'>,
  { data, recipe, earlier, signal, say }: Training,
  checkpoints: Checkpoints,
): Promise<TrainedModel> {
  const epochs = earlier === null ? ials.epochsCold : ials.epochsWarm;
  const { k, alpha0, lambda, nu, seed } = ials;
  const workspace = createWorkspace(data, { k, alpha0, lambda, nu }, data.content ?? undefined);
  const factors = { films: workspace.films.factors, viewers: workspace.viewers.factors };
  const saved = await checkpoints.load(factors);
  if (saved === null) {
    startFilms(workspace, data.filmIds, ials, earlier === null ? undefined : factorsOf(earlier.learnt));
  }

  const done = [...(saved ?? [])];
  const effort = startEffort(ials.threads);
  try {
    const losses = await trainer.train(workspace, {
      epochs,
      solver: ials.solver,
      losses: done,
      threads: ials.threads,
      signal,
      onProgress: (progress) => say({ ...epochStep(progress, epochs), loss: done.at(-1) ?? null }),
      onEpoch: async ({ epoch, of, loss }) => {
        done.push(loss);
        await checkpoints.save({ losses: done, ...factors });
        say({ step: `epoch ${epoch} of ${of}`, done: epoch, of, loss });
      },
    });
    const spent = saved === null ? effort.soFar() : undefined;
    const cold = coldFilmsOf(workspace.prior, data.content);
    return {
      record: {
        kind: 'als',
        k,
        alpha0,
        lambda,
        nu,
        users: data.viewers,
        films: data.filmIds.length,
        seed,
        epochs,
        losses,
        recipe,
        warmFrom: earlier?.sha256 ?? null,
      },
      numbers: publishedFactors(workspace, workspace.films),
      cold: { films: cold.films, numbers: cold.factors },
      // What a killed attempt did before is not known here.
      effort: spent,
    };
  } catch (error) {
    if (isDiskFull(error)) await checkpoints.remove(); // no attempt comes back for it, and its room is wanted
    if (error instanceof ModelDiverged) throw permanentFailure('ModelDiverged', error.message);
    throw error;
  } finally {
    effort.stop();
  }
}
