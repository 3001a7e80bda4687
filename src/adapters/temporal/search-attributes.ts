import { connectTemporal } from './connection.js';

const KEYWORD = 2; // temporal.api.enums.v1.IndexedValueType
const NAMES = ['MatineeNight', 'MatineeStage', 'MatineeRelease', 'MatineeVerdict'];

/**
 * Registers our search attributes on a server of the user's own. The embedded one has them from its start; without them
 * every workflow task would fail and be retried for ever.
 */
export async function ensureSearchAttributes(address: string, namespace = 'default'): Promise<void> {
  const connection = await connectTemporal(address);
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = NAMES.filter((name) => customAttributes?.[name] === undefined);
    if (missing.length === 0) return;
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
    });
  } finally {
    await connection.close();
  }
}
