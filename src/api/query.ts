import { badField } from './problem.js';

/**
 * `limit` of a request's query, or its default. Express' own query parser is off: this one field is all there is.
 * Unknown fields are ignored, as caches and trackers add their own.
 */
export function limitOf(url: string, bounds: { default: number; max: number }): number {
  const mark = url.indexOf('?');
  if (mark === -1) return bounds.default;
  const given = new URLSearchParams(url.slice(mark + 1)).getAll('limit');
  if (given.length === 0) return bounds.default;
  const [text = ''] = given;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (given.length > 1 || limit < 1 || limit > bounds.max) {
    throw badField(
      'limit',
      `must be one whole number from 1 to ${bounds.max}; got ${shown(given.join(', '))}`,
    );
  }
  return limit;
}

/** A profile id as the operational store knows it: 1 to 128 characters, none of them NUL (Postgres holds no NUL). */
export function userIdOf(param: unknown): string {
  if (typeof param !== 'string' || param.length < 1 || param.length > 128 || param.includes('\0')) {
    throw badField('id', 'must be a profile id of 1 to 128 characters');
  }
  return param;
}

function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
