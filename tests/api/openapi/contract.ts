import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { OpenApiDocument, Operation, ResponseObject } from '../../../src/api/openapi/types.js';
import type { Reply } from '../world.js';

/** What a document promises, to hold answers against. */
export interface Contract {
  operations: { path: string; method: string; operation: Operation }[];
  /** What is wrong with an answer of an operation; empty = it keeps the contract. */
  violations: (operation: Operation, reply: Reply) => string[];
  /** What is wrong with a value of a schema of the document; `closed`: unknown fields are wrong too. */
  faults: (schema: object, value: unknown, closed?: boolean) => string[];
}

export function contractOf(document: OpenApiDocument): Contract {
  const open = validatorOf(document);
  const closed = validatorOf(closeObjects(document));
  const faults: Contract['faults'] = (schema, value, isClosed = true) =>
    isClosed ? closed(closeObjects(schema), value) : open(schema, value);
  return {
    operations: Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
    ),
    faults,
    violations(operation, { status, headers, body }) {
      const told = operation.responses[String(status)];
      const general = status >= 400 ? operation.responses['default'] : undefined;
      const response = told ?? (status === 500 ? undefined : general);
      if (response === undefined) return [`status ${status} is not in the document`];
      const { content, headers: promised = {} } = resolve(document, response);
      const missing = Object.keys(promised)
        .filter((name) => ['Retry-After', 'WWW-Authenticate', 'X-Request-Id'].includes(name))
        .filter((name) => headers[name.toLowerCase()] === undefined)
        .map((name) => `header ${name} is missing`);
      if (content === undefined)
        return body === '' ? missing : [...missing, 'a body that is not in the document'];
      const type = String(headers['content-type']).split(';')[0] ?? '';
      const media = content[type];
      if (media === undefined) return [...missing, `content type ${type} is not in the document`];
      const value: unknown = type.endsWith('json') ? JSON.parse(body) : body;
      return [...missing, ...faults(media.schema, value)];
    },
  };
}

function resolve(document: OpenApiDocument, response: Operation['responses'][string]): ResponseObject {
  if (!('$ref' in response)) return response;
  const found = document.components.responses[response.$ref.replace('#/components/responses/', '')];
  if (found === undefined) throw new Error(`${response.$ref} leads nowhere`);
  return found;
}

function validatorOf({ components }: OpenApiDocument): (schema: object, value: unknown) => string[] {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'document', components });
  const compiled = new Map<string, ValidateFunction>();
  return (schema, value) => {
    const text = JSON.stringify(schema).replaceAll('"#/components', '"document#/components');
    let validate = compiled.get(text);
    if (validate === undefined) compiled.set(text, (validate = ajv.compile(JSON.parse(text) as object)));
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath || 'body'} ${message} ${JSON.stringify(params)}`,
    );
  };
}

/** Objects with fields of their own take no others: an answer with a field that is not in the document is caught. */
function closeObjects<T>(json: T): T {
  return JSON.parse(JSON.stringify(json), (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('properties' in value) || !('type' in value))
      return value;
    return value.type === 'object' && !('additionalProperties' in value)
      ? { ...value, additionalProperties: false }
      : value;
  }) as T;
}
