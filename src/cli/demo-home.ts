import pc from 'picocolors';
import type { PostgresStore } from '../adapters/postgres/operational-store.js';
import type { Settings } from '../config.js';
import { filmMinAge, profileMaxAge } from '../core/age-gate/index.js';
import { systemClock } from '../worker/compose.js';
import { loadDemo } from './load-demo.js';

/** A store without films gets the demo: a hand-made catalogue and a simulated audience. */
export async function loadDemoWhenEmpty(
  { config, projectRoot }: Settings,
  store: PostgresStore,
  say: (line: string) => void,
): Promise<void> {
  const { films, events } = await store.counts();
  if (films > 0 || events > 0) return;
  const started = performance.now();
  const { ages } = config;
  const loaded = await loadDemo({
    projectRoot,
    now: systemClock.now(),
    store,
    bulk: store,
    ages: {
      minAge: (film) => filmMinAge(film.certificates, 'default', ages),
      maxAge: (profile, year) => profileMaxAge(profile, year, ages),
    },
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const count = (n: number) => n.toLocaleString('en');
  say(
    `${pc.green('✓')} the home is empty: loaded the demo, ${count(loaded.films)} classic films and a simulated audience of ` +
      `${count(loaded.profiles)} viewers with ${count(loaded.events)} events (${seconds} s)`,
  );
}
