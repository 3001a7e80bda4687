import express, { type RequestHandler } from 'express';
import type { z } from 'zod';
import { parsePlainly } from './plain-words.js';
import { HttpProblem, invalid } from './problem.js';

/** The handlers of a route that reads a body: JSON, at most so many bytes, also once it is unpacked. */
export function jsonBody(mostBytes: number): RequestHandler[] {
  return [requireJson, express.json({ limit: mostBytes, type: () => true })];
}

export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = parsePlainly(schema, body ?? {});
  if (parsed.success) return parsed.data;
  throw invalid('body', parsed.error);
}

const requireJson: RequestHandler = function requireJson(req, _res, next) {
  const type = req.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new HttpProblem(415, `the body must be application/json; got ${type ?? 'no Content-Type'}`);
  }
  next();
};
