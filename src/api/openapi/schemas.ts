import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { JsonSchema } from './types.js';

type Direction = 'input' | 'output';

/** zod schemas as JSON Schema; those with an id (`.meta({ id })`) become components, said once. */
export function createSchemas(): {
  of: (schema: z.ZodType, direction: Direction) => JsonSchema;
  components: Record<string, JsonSchema>;
} {
  const components: Record<string, JsonSchema> = {};
  return {
    components,
    of(schema, direction) {
      const { $schema: _, $defs = {}, ...json } = convert(schema, direction);
      for (const [id, definition] of Object.entries($defs)) {
        const known = components[id];
        const hoisted = hoistReferences(definition);
        if (known !== undefined && !isDeepStrictEqual(known, hoisted))
          throw new Error(`the schema ${id} is not the same wherever it is used`);
        components[id] = hoisted;
      }
      return hoistReferences(json);
    },
  };
}

/** What a field looks like when it is given as text: what it is parsed to, if that can be said. */
export function textFieldSchema(field: z.ZodType): JsonSchema {
  const convertTo = (direction: Direction): JsonSchema => {
    const { $schema: _, ...json } = convert(field, direction);
    return json;
  };
  try {
    return convertTo('output');
  } catch {
    return convertTo('input'); // a transform, whose result no schema describes
  }
}

interface Converted extends JsonSchema {
  $defs?: Record<string, JsonSchema>;
}

function convert(schema: z.ZodType, direction: Direction): Converted {
  const json = z.toJSONSchema(schema, {
    io: direction,
    override({ zodSchema, jsonSchema }) {
      // `example` of one field; JSON Schema has a list.
      if (jsonSchema['example'] !== undefined) {
        jsonSchema.examples = [jsonSchema['example']];
        delete jsonSchema['example'];
      }
      // Bounds of all whole numbers, and a pattern beside the format that it spells out, say nothing.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
      // What we answer may gain fields; only what is declared strict is closed.
      const { def } = zodSchema._zod;
      if (def.type === 'object' && !('catchall' in def && def.catchall !== undefined))
        delete jsonSchema.additionalProperties;
    },
  });
  return json as Converted;
}

function hoistReferences<T>(json: T): T {
  return JSON.parse(
    JSON.stringify(json, (key, value: unknown) =>
      key === '$ref' && typeof value === 'string'
        ? value.replace('#/$defs/', '#/components/schemas/')
        : value,
    ),
  ) as T;
}
