import { z } from 'zod';
import { type Access, SCOPE_MEANINGS, SCOPES } from '../../contracts/access.js';
import { problemSchema } from '../../contracts/api.js';
import { VIEWER_COOKIE } from '../auth/credentials.js';
import './named.js';
import type { Answer, Route } from '../routes/registry.js';
import { createSchemas, textFieldSchema } from './schemas.js';
import { headerRef, HEADERS, RESPONSE_OF, RESPONSES } from './standard.js';
import type { OpenApiDocument, Operation, Parameter, PathItem, Reference, ResponseObject } from './types.js';

const TAGS: Record<Route['tag'], string> = {
  lists: 'What to show a viewer',
  films: 'The catalogue, as the audience of the request may see it',
  viewers: 'What is a viewer’s own',
  events: 'What viewers did comes back in',
  operations: 'For load balancers, scrapers and client generators',
};

const DESCRIPTION = `
Lists are made at night and served from an immutable release: an answer takes microseconds and is the same until the
next release. They are served with every other server down.

Everything under /v1 needs \`Authorization: Bearer\` with an API key (\`matinee keys create\`) or a viewer token
(\`POST /v1/tokens\`). A viewer token opens what is that viewer’s own, and films that they may see at their age.

Problems are RFC 9457 documents; \`detail\` says what was wrong in words, \`errors\` names the fields.
`.trim();

/** The registry as an OpenAPI 3.1 document: every schema in it is the one that parses the requests. */
export function describeApi(routes: readonly Route[], version: string): OpenApiDocument {
  const schemas = createSchemas();
  schemas.of(problemSchema, 'output');
  const paths: Record<string, PathItem> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[route.method.toLowerCase()] = describeRoute(route, schemas.of);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Matinee',
      version,
      summary: 'Lists of films for every viewer, and what they did with them',
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This server' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: sorted(schemas.components),
      responses: usedIn(paths),
      headers: HEADERS,
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'mk_<id>_<secret>',
          description: `An API key, for servers. Scopes: ${SCOPES.map((scope) => `\`${scope}\` (${SCOPE_MEANINGS[scope]})`).join(', ')}`,
        },
        viewerToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A short-lived token that speaks for one viewer (`POST /v1/tokens`), for devices',
        },
        viewerCookie: {
          type: 'apiKey',
          in: 'cookie',
          name: VIEWER_COOKIE,
          description:
            'The same token as a cookie; it counts only for requests that pages of this server make',
        },
      },
    },
  };
}

type SchemaOf = ReturnType<typeof createSchemas>['of'];

function describeRoute(route: Route, schemaOf: SchemaOf): Operation {
  const { operationId, summary, description, tag, access, body } = route;
  const parameters = [...parametersOf('path', route.params), ...parametersOf('query', route.query)];
  return {
    operationId,
    summary,
    description: [description, whoMay(access)].filter((text) => text !== undefined).join('\n\n'),
    tags: [tag],
    security: securityOf(access),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(body, 'input'), ...exampleOf(body) } },
          },
        }),
    responses: responsesOf(route, schemaOf),
  };
}

function parametersOf(place: Parameter['in'], fields: z.ZodType | undefined): Parameter[] {
  if (!(fields instanceof z.ZodObject)) return [];
  return Object.entries(fields.shape).map(([name, field]: [string, z.ZodType]) => {
    const { description, examples, ...schema } = textFieldSchema(field);
    return {
      name,
      in: place,
      required: place === 'path' || !field.safeParse(undefined).success,
      ...(description === undefined ? {} : { description }),
      schema,
      ...exampleOfField(examples ?? schema.enum),
    };
  });
}

function exampleOfField(examples: unknown[] | undefined): { example?: unknown } {
  return examples === undefined ? {} : { example: examples[0] };
}

/** The route's own answers, and those that follow from what it reads and whom it lets in. */
function responsesOf(route: Route, schemaOf: SchemaOf): Operation['responses'] {
  const { method, path, body, access, isUnlimited, responses: own } = route;
  const isTold = (status: number) => !(status in own);
  const follow = [
    ...(method === 'GET' && path.startsWith('/v1/') ? [304] : []),
    ...(access === 'public' ? [] : [400, 401, 403]),
    406,
    ...(body === undefined ? [] : [413, 415]),
    ...(isUnlimited === true ? [] : [429]),
    ...(access === 'public' ? [] : [503]),
  ].filter(isTold);
  const all = [
    ...Object.entries(own).map(([status, answer]) => [
      status,
      describeAnswer(Number(status), answer, schemaOf),
    ]),
    ...follow.map((status) => [String(status), standard(status)]),
  ];
  return { ...(Object.fromEntries(all) as Operation['responses']), default: responseRef('Other') };
}

function describeAnswer(status: number, answer: Answer, schemaOf: SchemaOf): ResponseObject {
  const { description, schema, contentType = 'application/json' } = answer;
  const told = status >= 400 ? RESPONSES[RESPONSE_OF[status] ?? 'Other'] : undefined;
  if (told !== undefined) return { ...told, description };
  return {
    description,
    headers: { 'X-Request-Id': headerRef('X-Request-Id'), 'Cache-Control': headerRef('Cache-Control') },
    ...(schema === undefined
      ? {}
      : { content: { [contentType]: { schema: schemaOf(schema, 'output'), ...exampleOf(schema) } } }),
  };
}

function exampleOf(schema: z.ZodType): { example?: unknown } {
  const examples = schema.meta()?.['examples'];
  return Array.isArray(examples) && examples.length > 0 ? { example: examples[0] } : {};
}

function securityOf(access: Access): Operation['security'] {
  if (access === 'public') return [];
  const { scopes, viewer } = access;
  return [
    ...scopes.map((scope) => ({ apiKey: [scope] })),
    ...(viewer === undefined ? [] : [{ viewerToken: [] }, { viewerCookie: [] }]),
  ];
}

/** Who may call it, in words. */
export function whoMay(access: Access): string {
  if (access === 'public') return 'Open to everybody.';
  const { scopes, viewer } = access;
  const key = `Needs an API key of scope ${scopes.map((scope) => `\`${scope}\``).join(' or ')}`;
  return viewer === undefined ? `${key}.` : `${key}, or ${TOKENS[viewer]}.`;
}

const TOKENS = {
  any: 'a viewer token',
  'own-profile': 'the viewer token of this very profile',
  'own-account': 'a viewer token of this very account',
} as const;

const responseRef = (name: keyof typeof RESPONSES): Reference => ({
  $ref: `#/components/responses/${name}`,
});
const standard = (status: number): Reference => responseRef(RESPONSE_OF[status] ?? 'Other');

/** Standard answers that some route gives. */
function usedIn(paths: OpenApiDocument['paths']): Record<string, ResponseObject> {
  const text = JSON.stringify(paths);
  return Object.fromEntries(
    Object.entries(RESPONSES).filter(([name]) => text.includes(`"#/components/responses/${name}"`)),
  );
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
