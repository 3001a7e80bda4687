import { STATUS_CODES } from 'node:http';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import type { Problem } from '../contracts/api.js';
import { faultsOf } from './plain-words.js';
import { respond } from './respond.js';

/** A refusal that the caller may read (RFC 9457). Everything else that is thrown is a bug and leaves as a bare 500. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly errors: Problem['errors'];
  readonly headers: readonly string[];

  constructor(
    status: number,
    detail: string,
    extra: { errors?: NonNullable<Problem['errors']>; headers?: readonly string[] } = {},
  ) {
    super(detail);
    this.status = status;
    this.errors = extra.errors;
    this.headers = extra.headers ?? [];
  }
}

/** 400 that names the field at fault. */
export function badField(field: string, message: string): HttpProblem {
  return new HttpProblem(400, `${field}: ${message}`, { errors: [{ field, message }] });
}

/** 400 that names every field at fault; `part` (query, path, body) where the whole of it is. */
export function invalid(part: string, error: z.ZodError): HttpProblem {
  const errors = faultsOf(error, part);
  return new HttpProblem(400, errors.map(({ field, message }) => `${field}: ${message}`).join('; '), {
    errors,
  });
}

/** 503 that says when to come back. */
export function unavailable(detail: string, retryAfterSec: number): HttpProblem {
  return new HttpProblem(503, detail, { headers: ['Retry-After', String(retryAfterSec)] });
}

/** The last middleware: no such route. */
export function notFound(req: Request): never {
  throw new HttpProblem(404, `there is no ${req.path.slice(0, 200)} here`);
}

/** The last handler of a known path: OPTIONS is answered, every other method is refused, both with `Allow`. */
export function allowOnly(...methods: string[]): RequestHandler {
  const allow = methods.join(', ');
  return function methodNotAllowed(req, res) {
    if (req.method === 'OPTIONS') return respond(res, 204, ['Allow', allow]);
    throw new HttpProblem(405, `${req.method} is not supported here; use ${allow}`, {
      headers: ['Allow', allow],
    });
  };
}

/** The app's only error handler. `onBug` hears of errors that are ours; the caller learns nothing of their insides. */
export function answerProblem(onBug: (error: unknown, req: Request) => void) {
  return function problemHandler(error: unknown, req: Request, res: Response, _next: NextFunction): void {
    const problem = asProblem(error);
    if (problem.status === 500) onBug(error, req);
    if (res.headersSent) {
      res.destroy();
      return;
    }
    respond(
      res,
      problem.status,
      [...problem.headers, 'Content-Type', 'application/problem+json', 'Cache-Control', 'no-store'],
      JSON.stringify(problemBody(problem, res.requestId)),
    );
  };
}

export function problemBody(problem: HttpProblem, requestId: string): Problem {
  return {
    type: 'about:blank',
    title: STATUS_CODES[problem.status] ?? 'Error',
    status: problem.status,
    detail: problem.message,
    instance: `urn:request:${requestId}`,
    ...(problem.errors === undefined ? {} : { errors: problem.errors }),
  };
}

/** Express' router and body parser throw errors of the http-errors shape: `status`, and `expose` when the caller may read the message. */
export function asProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof Error && 'status' in error && isClientFault(error.status)) {
    const type = 'type' in error ? error.type : undefined;
    if (type === 'entity.too.large') {
      const most = 'limit' in error ? ` of ${String(error.limit)} bytes` : '';
      return new HttpProblem(413, `the body is larger than the limit${most}; send smaller batches`);
    }
    if (type === 'entity.parse.failed')
      return new HttpProblem(400, `the body is not valid JSON: ${error.message}`);
    if (error.status === 415) return new HttpProblem(415, `the body cannot be read: ${error.message}`);
    return new HttpProblem(error.status, error.message);
  }
  return new HttpProblem(500, 'something went wrong on our side; the log of the API has the details');
}

function isClientFault(status: unknown): status is number {
  return typeof status === 'number' && status >= 400 && status < 500;
}
