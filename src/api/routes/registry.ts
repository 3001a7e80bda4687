import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { Access } from '../../contracts/access.js';
import { requireAccepted } from '../accept.js';
import { parseBody } from '../body.js';
import { parseParams, queryParser } from '../query.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/**
 * One answer of a route as the document shows it; from 400 on a problem. Those that follow from the route's form (access,
 * fields, body) need no entry.
 */
export interface Answer {
  description: string;
  /** Absent: no body. Its example is the first of its `meta().examples`. */
  schema?: z.ZodType;
  /** `application/json` when absent. */
  contentType?: string;
}

/** What a handler is given: parsed by the route's own schemas. */
export interface Call<P, Q, B> {
  params: P;
  query: Q;
  body: B;
  req: Request;
  res: Response;
}
type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;
type Schema = z.ZodType | undefined;
type Fields = z.ZodObject | undefined;

interface Described {
  method: Method;
  /** As Express writes it, `/v1/users/:id/…`; every `:name` is a field of `params`. */
  path: string;
  /** Unique, camelCase: generated clients name their methods by it. */
  operationId: string;
  summary: string;
  description?: string;
  /** Heading in the documents. */
  tag: 'lists' | 'films' | 'viewers' | 'events' | 'operations';
  access: Access;
  responses: Readonly<Record<number, Answer>>;
  /** Asked by load balancers all the time: no rate limit. */
  isUnlimited?: boolean;
}

export interface RouteSpec<P extends Schema, Q extends Fields, B extends Schema> extends Described {
  params?: P;
  query?: Q;
  /** JSON only. Absent: a body is not read. */
  body?: B;
  /** What the document shows as body where parsing is looser than the promise. */
  documentedBody?: z.ZodType;
  /** Run after the access check and before the body is read. */
  before?: readonly RequestHandler[];
  handle: (call: Call<Parsed<P>, Parsed<Q>, Parsed<B>>) => void | Promise<void>;
}

/** A route with its types forgotten: what the app mounts, and what the document and the tests are made from. */
export interface Route extends Described {
  params: Schema;
  query: Schema;
  body: Schema;
  before: readonly RequestHandler[];
  /** Whether a body is read between `before` and `operation`. */
  readsBody: boolean;
  operation: RequestHandler;
}

/** One operation of the API, said once: its schemas parse the requests and write the document. */
export function defineRoute<
  P extends Schema = undefined,
  Q extends Fields = undefined,
  B extends Schema = undefined,
>(spec: RouteSpec<P, Q, B>): Route {
  const { params, query, body, documentedBody, before = [], handle, ...described } = spec;
  // Probes of balancers and scrapers may carry what they like.
  const queryOf = spec.access === 'public' ? undefined : queryParser(query ?? z.object({}));
  // The schemas given are those of the types: what they parse is what `handle` takes.
  const call = handle as (call: Call<unknown, unknown, unknown>) => void | Promise<void>;
  const type = typeOf(spec.responses);
  const operation: RequestHandler = function operation(req, res) {
    requireAccepted(req.headers.accept, type);
    return call({
      params: params === undefined ? undefined : parseParams(params, req.params),
      query: queryOf?.(req.url),
      body: body === undefined ? undefined : parseBody(body, req.body),
      req,
      res,
    });
  };
  return {
    ...described,
    params,
    query,
    body: documentedBody ?? body,
    before,
    readsBody: body !== undefined,
    operation,
  };
}

/** What a route answers with when all is well. */
function typeOf(responses: Described['responses']): string {
  const good = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1];
  return good?.contentType ?? 'application/json';
}
