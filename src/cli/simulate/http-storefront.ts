import type { z } from 'zod';
import { recommendationsSchema } from '../../contracts/api.js';
import { type ViewerEvent, eventReceiptSchema } from '../../contracts/events.js';
import type { ServedPage, Storefront } from '../../simulator/index.js';

/** Events per request: well below what the API takes at once. */
const BATCH = 200;

export interface HttpStorefrontOptions {
  /** Address of the API, without a path. */
  api: string;
  /** Films of the list that the page shows. */
  listLength: number;
  /** Headers of every request, such as a key. */
  headers?: Record<string, string>;
}

/** The product's own API, asked and told over HTTP as a frontend does. Events wait here until `flush`. */
export interface HttpStorefront extends Storefront {
  flush(): Promise<void>;
}

/** Something that the API should not have said. */
export class StorefrontError extends Error {}

export function createHttpStorefront({
  api,
  listLength,
  headers = {},
}: HttpStorefrontOptions): HttpStorefront {
  let waiting: ViewerEvent[] = [];

  async function post(events: ViewerEvent[]): Promise<void> {
    const receipt = await request('/v1/events', eventReceiptSchema, {
      method: 'POST',
      body: JSON.stringify({ events }),
    });
    const [refused] = receipt.rejected;
    if (refused !== undefined) {
      const { index, reason } = refused;
      throw new StorefrontError(
        `the API refused ${receipt.rejected.length} of ${events.length} events, e.g. ${JSON.stringify(events[index])}: ${reason}`,
      );
    }
  }

  async function request<T>(path: string, schema: z.ZodType<T>, init: RequestInit = {}): Promise<T> {
    const response = await fetchAgain(`${api}${path}`, {
      ...init,
      headers: { 'content-type': 'application/json', ...headers },
    });
    const text = await response.text();
    if (!response.ok) throw new StorefrontError(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
    return schema.parse(JSON.parse(text));
  }

  return {
    async page(profileId): Promise<ServedPage> {
      const path = `/v1/users/${encodeURIComponent(profileId)}/recommendations?limit=${listLength}`;
      const { release, servedBy, items } = await request(path, recommendationsSchema);
      return {
        surface: 'for-you',
        servedBy,
        listId: `${servedBy}-${release}`,
        releaseId: release,
        filmIds: items.map(({ movieId }) => movieId),
      };
    },
    async send(events) {
      for (const event of events) waiting.push(event);
      while (waiting.length >= BATCH) await post(waiting.splice(0, BATCH));
    },
    async flush() {
      const rest = waiting;
      waiting = [];
      for (let from = 0; from < rest.length; from += BATCH) await post(rest.slice(from, from + BATCH));
    },
  };
}

const TRIES = 3;

/**
 * A connection that lay idle through a night may have been closed at the other end just now. Asking again is safe: events
 * are known by their ids.
 */
async function fetchAgain(url: string, init: RequestInit): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fetch(url, init);
    } catch (error) {
      if (attempt === TRIES) throw error;
    }
  }
}
