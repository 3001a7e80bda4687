import type { JsonSchema } from '../openapi/types.js';
import { html, type Html } from '../pages/html.js';

/** The fields of an object, a row each; of a list, those of its items; anything else in one line. */
export function schemaView(schema: JsonSchema): Html {
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length === 0) return html`<p>${typeView(schema)}${boundsView(schema)}</p>`;
  const required = new Set(schema.required);
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">field</th>
          <th scope="col">is</th>
        </tr>
      </thead>
      <tbody>
        ${fields.map(
          ([name, field]) =>
            html`<tr>
              <td>
                <code>${name}</code>${required.has(name) ? null : html`<span class="tag">optional</span>`}
              </td>
              <td>${typeView(field)}${boundsView(field)}${fieldText(field)}${nestedView(field)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** A list of objects that have no name of their own shows their fields on the spot. */
function nestedView(field: JsonSchema): Html | null {
  const inner = field.items?.properties === undefined ? field : field.items;
  return inner.properties === undefined ? null : schemaView(inner);
}

const fieldText = ({ description }: JsonSchema) =>
  description === undefined ? null : html`<br /><span class="soft">${prose(description)}</span>`;

/** `string`, `list of Event`, `"a" or "b"`, `integer or null`. */
export function typeView(schema: JsonSchema): Html {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum !== undefined)
    return joined(
      schema.enum.map((value) => html`<code>${JSON.stringify(value)}</code>`),
      ' or ',
    );
  if (schema.anyOf !== undefined) return joined(schema.anyOf.map(typeView), ' or ');
  if (schema.type === 'array') return html`list of ${typeView(schema.items ?? {})}`;
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object')
    return html`object of ${typeView(schema.additionalProperties)}`;
  return html`${schema.type ?? 'anything'}`;
}

/** What a value must keep to, in words. */
function boundsView(schema: JsonSchema): Html | null {
  const value = (keyword: string) => {
    const given = schema[keyword];
    return typeof given === 'string' || typeof given === 'number' ? String(given) : undefined;
  };
  const range = (least: string, most: string, what: string) => {
    const [from, to] = [value(least), value(most)];
    if (from === undefined && to === undefined) return undefined;
    if (to === undefined) return `${from}${what} or more`;
    return from === undefined ? `at most ${to}${what}` : `${from} to ${to}${what}`;
  };
  const [above, pattern, standard] = [value('exclusiveMinimum'), value('pattern'), value('default')];
  const said = [
    value('format'),
    above === undefined ? undefined : `above ${above}`,
    range('minimum', 'maximum', ''),
    range('minLength', 'maxLength', ' characters'),
    range('minItems', 'maxItems', ' items'),
    pattern === undefined ? undefined : `pattern ${pattern}`,
    standard === undefined ? undefined : `by default ${standard}`,
  ].filter((part) => part !== undefined);
  return said.length === 0 ? null : html`<span class="soft">, ${said.join(', ')}</span>`;
}

function joined(parts: readonly Html[], between: string): Html {
  return html`${parts.map((part, i) => (i === 0 ? part : html`${between}${part}`))}`;
}

/** Text with `code` in it. */
export function prose(text: string): Html {
  return html`${text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
