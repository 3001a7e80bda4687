import type { Threads } from '../../activities/deps.js';
import { trainEase } from '../../core/ease/train.js';
import type { EaseWorkspace } from '../../core/ease/workspace.js';

/** Fits EASE on a crew of threads; the same bytes for any number of them. */
export async function fitEase(
  threads: Threads,
  workspace: EaseWorkspace,
  options: { threads: number; signal?: AbortSignal; onProgress?: (share: number) => void },
): Promise<void> {
  const crew = await threads.crew({
    module: new URL('./ease-units.js', import.meta.url),
    data: workspace,
    threads: options.threads,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  try {
    await trainEase(workspace, { run: (phase, units) => crew.run(phase, units) }, options.onProgress);
  } finally {
    await crew.stop();
  }
}
