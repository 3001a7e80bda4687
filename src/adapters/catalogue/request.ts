import { FeedFailed } from '../../activities/feeds.js';

/** Everything of the outside that a request needs; tests own it. */
export interface Outside {
  fetch: typeof fetch;
  now(): Date;
  /** Rejects when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** 0 to 1. */
  random(): number;
}

export interface RequestLimits {
  attempts: number;
  timeoutMs: number;
  maxWaitMs: number;
  maxBytes: number;
}

export type Answer =
  | { kind: 'unchanged' }
  | { kind: 'page'; body: string; etag: string | null; lastModified: string | null; link: string | null };

/** A try that failed in a way that may pass, and how long the feed asked to be left alone (ms). */
class Passing extends Error {
  readonly waitMs: number;
  constructor(message: string, waitMs = 0) {
    super(message);
    this.waitMs = waitMs;
  }
}

const FIRST_WAIT_MS = 1000;
const REDIRECTS = 5;

/**
 * GETs one page. What may pass (network, time-out, 408, 425, 429, 5xx, a body that breaks off) is tried again after a wait
 * that doubles, with jitter, and is never shorter than Retry-After; anything else fails at once.
 * Redirects are followed within the origin only: the key and the trust are for that host.
 */
export async function requestPage(
  url: string,
  headers: Record<string, string>,
  limits: RequestLimits,
  outside: Outside,
  signal: AbortSignal,
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryOnce(url, headers, limits, outside, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Passing)) throw error;
      const tries = `${attempt} ${attempt === 1 ? 'try' : 'tries'}`;
      if (attempt >= limits.attempts) throw new FeedFailed(`${error.message} (${tries})`);
      if (error.waitMs > limits.maxWaitMs) {
        throw new FeedFailed(
          `${error.message}, and asks to be left alone for ${Math.ceil(error.waitMs / 1000)} s, longer than maxWaitSeconds`,
        );
      }
      const backoff = FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + outside.random() / 2);
      await outside.sleep(Math.max(error.waitMs, Math.min(backoff, limits.maxWaitMs)), signal);
    }
  }
}

async function tryOnce(
  url: string,
  headers: Record<string, string>,
  limits: RequestLimits,
  outside: Outside,
  signal: AbortSignal,
): Promise<Answer> {
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  const until = AbortSignal.any([signal, timeout]);
  try {
    const response = await followed(url, headers, outside, until);
    if (response.status === 304) return { kind: 'unchanged' };
    await demandOk(response, outside);
    const body = await textWithin(response, limits.maxBytes);
    return {
      kind: 'page',
      body,
      etag: response.headers.get('etag'),
      lastModified: response.headers.get('last-modified'),
      link: response.headers.get('link'),
    };
  } catch (error) {
    if (error instanceof Passing || error instanceof FeedFailed) throw error;
    if (timeout.aborted) throw new Passing(`gave no answer within ${limits.timeoutMs / 1000} s`);
    throw new Passing(`cannot be reached: ${causeOf(error)}`);
  }
}

async function followed(
  url: string,
  headers: Record<string, string>,
  outside: Outside,
  signal: AbortSignal,
): Promise<Response> {
  let at = url;
  for (let hop = 0; hop <= REDIRECTS; hop++) {
    const response = await outside.fetch(at, { headers, redirect: 'manual', signal });
    const target = response.headers.get('location');
    if (response.status < 301 || response.status > 308 || response.status === 304 || target === null)
      return response;
    await response.body?.cancel();
    const next = new URL(target, at);
    if (next.origin !== new URL(url).origin) {
      throw new FeedFailed(`redirects to ${next.origin}; if that is right, make it the url of the source`);
    }
    at = next.href;
  }
  throw new FeedFailed(`redirects more than ${REDIRECTS} times`);
}

async function demandOk(response: Response, outside: Outside): Promise<void> {
  const { status } = response;
  if (status >= 200 && status < 300) return;
  await response.body?.cancel();
  const said = `answered ${status}`;
  if ([408, 425, 429].includes(status) || status >= 500) {
    throw new Passing(said, retryAfterMs(response.headers.get('retry-after'), outside.now()));
  }
  const why =
    status === 401 || status === 403 ? ': the key is missing, wrong or not allowed to; see keyEnv' : '';
  throw new FeedFailed(`${said}${why}`);
}

/** Seconds, or a date; 0 when it says nothing that can be understood. */
function retryAfterMs(said: string | null, now: Date): number {
  if (said === null) return 0;
  const ms = /^\d+$/.test(said.trim()) ? Number(said) * 1000 : Date.parse(said) - now.getTime();
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

/** The body as text, given up as soon as it is longer (after decompression, so that a bomb does no harm). */
async function textWithin(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      throw new FeedFailed(`is longer than ${Math.round(maxBytes / 2 ** 20)} MiB (maxPageMiB)`);
    }
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).toString('utf8');
  try {
    JSON.parse(body);
  } catch {
    throw new Passing('gave JSON that breaks off or is none');
  }
  return body;
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return cause.message !== '' ? cause.message : ((cause as NodeJS.ErrnoException).code ?? cause.name);
}
