import type { ExtractDeps } from '../activities/deps.js';
import type { PostgresStore } from '../adapters/postgres/operational-store.js';
import type { Settings } from '../config.js';
import { composeDeps } from '../worker/compose.js';
import { withServices } from './context.js';

/** What commands that work on the store and the warehouse need. */
export type StoreContext = Omit<ExtractDeps, 'store'> & {
  settings: Settings;
  store: PostgresStore;
  /** Brings Top 50 and New Arrivals up to date at once when an `up` is running; otherwise the next night does. */
  refreshFormula(): Promise<void>;
};

/** Runs `work` on the operational store, migrated, and the warehouse. */
export async function withStore<T>(
  settings: Settings,
  work: (context: StoreContext) => Promise<T>,
): Promise<T> {
  return withServices(settings, {}, async (running) => {
    const composed = await composeDeps(settings, running.databaseUrl);
    const refreshFormula = async () => {
      if (running.attached) await (await running.nights()).startFormula();
    };
    try {
      return await work({ ...composed.activities, settings, store: composed.store, refreshFormula });
    } finally {
      await composed.close();
    }
  });
}
