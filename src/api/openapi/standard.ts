import type { HeaderObject, Reference, ResponseObject } from './types.js';

/** Answers that every route gives by the same code, said once. */
const problem = (
  status: number,
  title: string,
  description: string,
  detail: string,
  headers: Record<string, Reference> = {},
): ResponseObject => ({
  description,
  headers: { 'X-Request-Id': headerRef('X-Request-Id'), ...headers },
  content: {
    'application/problem+json': {
      schema: { $ref: '#/components/schemas/Problem' },
      example: { type: 'about:blank', title, status, detail, instance: 'urn:request:5f0c2a9be1d4-7' },
    },
  },
});

export const headerRef = (name: string): Reference => ({ $ref: `#/components/headers/${name}` });

export const HEADERS: Record<string, HeaderObject> = {
  'X-Request-Id': {
    description: 'The X-Request-Id of the request, or one made here; the log line has it too',
    schema: { type: 'string' },
  },
  ETag: {
    description: 'Of this answer; sent back as If-None-Match it saves sending the same again',
    schema: { type: 'string' },
  },
  'Cache-Control': { description: 'Who may keep the answer, and how long', schema: { type: 'string' } },
  'Retry-After': {
    description: 'Seconds after which the same request is worth sending again',
    schema: { type: 'integer', minimum: 1 },
  },
  'WWW-Authenticate': { description: 'What was missing (RFC 6750)', schema: { type: 'string' } },
};

export const RESPONSES: Record<string, ResponseObject> = {
  NotModified: {
    description: 'What the caller holds (If-None-Match) is still what would be sent',
    headers: {
      ETag: headerRef('ETag'),
      'Cache-Control': headerRef('Cache-Control'),
      'X-Request-Id': headerRef('X-Request-Id'),
    },
  },
  BadRequest: problem(
    400,
    'Bad Request',
    'A field of the path, the query or the body cannot be; `errors` names it',
    'limit: must be one whole number from 1 to 50; got "many"',
  ),
  Unauthorized: problem(
    401,
    'Unauthorized',
    'No API key or viewer token, or one that is not good any more',
    'this API key is not known, was revoked, or has expired',
    { 'WWW-Authenticate': headerRef('WWW-Authenticate') },
  ),
  Forbidden: problem(
    403,
    'Forbidden',
    'The key has another scope, or the token is another viewer’s',
    'a viewer token opens what is its own viewer’s, and nobody else’s',
  ),
  NotFound: problem(404, 'Not Found', 'There is no such thing, for this caller', 'there is no film "x" here'),
  NotAcceptable: problem(
    406,
    'Not Acceptable',
    'The Accept header names nothing that the answer can be',
    'the answer is application/json, and the Accept header allows "application/xml" only',
  ),
  TooLarge: problem(
    413,
    'Payload Too Large',
    'The body is larger than what is read at once (config `api.bodyBytes`, 1 MB)',
    'the body is larger than the limit of 1000000 bytes; send smaller batches',
  ),
  NotJson: problem(
    415,
    'Unsupported Media Type',
    'The body is not application/json, or in an encoding that is not read here',
    'the body must be application/json; got text/plain',
  ),
  TooMany: problem(
    429,
    'Too Many Requests',
    'This key, viewer or address has asked too often',
    'too many requests: 20 a second are allowed; come back later',
    { 'Retry-After': headerRef('Retry-After') },
  ),
  Unavailable: problem(
    503,
    'Service Unavailable',
    'Nothing has been released yet, or what is needed for this is away; it is worth trying again',
    'nothing has been released yet; run `matinee nightly --wait`',
    { 'Retry-After': headerRef('Retry-After') },
  ),
  Other: problem(
    500,
    'Internal Server Error',
    'Any other refusal: a request that is not HTTP or took too long to arrive, headers that are too large, a name that ' +
      'this server does not answer to, a fault of ours',
    'something went wrong on our side; the log of the API has the details',
  ),
};

/** How the route's own refusals are told, by status. */
export const RESPONSE_OF: Readonly<Record<number, keyof typeof RESPONSES>> = {
  304: 'NotModified',
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  406: 'NotAcceptable',
  413: 'TooLarge',
  415: 'NotJson',
  429: 'TooMany',
  503: 'Unavailable',
};
