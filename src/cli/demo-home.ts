import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresStore } from '../adapters/postgres/operational-store.js';
import { CONFIG_NAME, readConfig, type Settings } from '../config.js';
import { filmMinAge, profileMaxAge } from '../core/age-gate/index.js';
import { systemClock } from '../worker/compose.js';
import { loadDemo } from './load-demo.js';

/** A store without films gets the demo: a hand-made catalogue and a simulated audience. */
export async function isEmpty(store: PostgresStore): Promise<boolean> {
  const { films, events } = await store.counts();
  return films === 0 && events === 0;
}

/**
 * Where nobody has written a config, the home of the demo gets the demo's own: an audience of its size never has the votes
 * that the formula asks for by default. It stays in the home, for every later command there.
 */
export async function withDemoConfig(settings: Settings): Promise<Settings> {
  if (settings.configFile !== undefined) return settings;
  const configFile = join(settings.home, CONFIG_NAME);
  await copyFile(join(settings.projectRoot, 'demo', CONFIG_NAME), configFile);
  return { ...settings, configFile, config: readConfig(configFile) };
}

/** Returns what was loaded, in words. */
export async function loadDemoInto(
  store: PostgresStore,
  { config, projectRoot }: Settings,
  onProgress: (what: string) => void,
): Promise<string> {
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
    onProgress: ({ step, done, of }) =>
      onProgress(step === 'events' ? `events of ${count(done)} of ${count(of)} viewers` : step),
  });
  return (
    `${count(loaded.films)} classic films and a simulated audience of ${count(loaded.profiles)} viewers ` +
    `with ${count(loaded.events)} events`
  );
}

const count = (n: number) => n.toLocaleString('en');
