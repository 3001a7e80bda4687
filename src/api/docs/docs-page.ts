import type {
  Content,
  JsonSchema,
  OpenApiDocument,
  Operation,
  Reference,
  ResponseObject,
} from '../openapi/types.js';
import { html, type Html, raw } from '../pages/html.js';
import { prose, schemaView, typeView } from './schema-view.js';
import { STYLE } from './style.js';

interface Placed {
  path: string;
  method: string;
  operation: Operation;
}

/** The document as one page to read: no script, nothing from elsewhere. `origin`: how its reader reached this server. */
export function docsPage(document: OpenApiDocument, origin: string): string {
  const operations: Placed[] = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
  const groups = document.tags
    .map((tag) => ({
      ...tag,
      operations: operations.filter(({ operation }) => operation.tags.includes(tag.name)),
    }))
    .filter((group) => group.operations.length > 0);
  const { info, components } = document;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${info.title} API ${info.version}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <a class="skip" href="#operations">Skip to the operations</a>
        <div class="frame">
          <nav aria-label="Operations">
            ${groups.map(
              (group) =>
                html`<h2>${group.name}</h2>
                  <ul>
                    ${group.operations.map(
                      ({ operation }) =>
                        html`<li><a href="#${operation.operationId}">${operation.operationId}</a></li>`,
                    )}
                  </ul>`,
            )}
            <h2>more</h2>
            <ul>
              <li><a href="#problems">Problems</a></li>
              <li><a href="#schemas">Schemas</a></li>
              <li><a href="/openapi.json">openapi.json</a></li>
            </ul>
          </nav>
          <main id="operations">
            <h1>${info.title} API <small>${info.version}</small></h1>
            <p class="lead">${info.summary}.</p>
            ${info.description.split('\n\n').map((text) => html`<p>${prose(text)}</p>`)}
            ${groups.map(
              (group) =>
                html`<section>
                  <h2>${capitalised(group.name)}</h2>
                  <p class="soft">${group.description}.</p>
                  ${group.operations.map((placed) => operationView(placed, document, origin))}
                </section>`,
            )}
            <section id="problems">
              <h2>Problems</h2>
              <p>
                What may be answered instead, everywhere. Each is an
                <a href="#schema-Problem">RFC 9457 problem</a>.
              </p>
              ${Object.values(components.responses).map((response) => responseDetails(problemStatus(response), response))}
            </section>
            <section id="schemas">
              <h2>Schemas</h2>
              ${Object.entries(components.schemas).map(
                ([name, schema]) =>
                  html`<article id="schema-${name}">
                    <h3>${name}</h3>
                    ${schemaView(schema)}
                  </article>`,
              )}
            </section>
          </main>
        </div>
      </body>
    </html>`.text;
}

/** The inline style as the page has it: what its Content-Security-Policy lets through. */
export function styleOf(page: string): string {
  return page.slice(page.indexOf('<style>') + '<style>'.length, page.indexOf('</style>'));
}

function operationView({ path, method, operation }: Placed, document: OpenApiDocument, origin: string): Html {
  const { parameters = [], requestBody, responses } = operation;
  const [about = '', access = about] = operation.description.split('\n\n');
  return html`<article id="${operation.operationId}">
    <div class="line"><span class="verb ${method}">${method.toUpperCase()}</span><span>${path}</span></div>
    <h3>${operation.summary}</h3>
    ${access === about ? null : html`<p>${prose(about)}</p>`}
    <p class="access">${prose(access)}</p>
    ${
      parameters.length === 0
        ? null
        : html`<h4>Parameters</h4>
            ${schemaView({
              properties: Object.fromEntries(
                parameters.map(({ name, schema, description = '', in: place }) => [
                  name,
                  { ...schema, description: `${description} (${place})` },
                ]),
              ),
              required: parameters.filter(({ required }) => required).map(({ name }) => name),
            })}`
    }
    ${
      requestBody === undefined
        ? null
        : html`<h4>Body</h4>
            ${contentView(requestBody.content)}`
    }
    <h4>For example</h4>
    <pre><code>${curl({ path, method, operation }, origin)}</code></pre>
    <h4>Answers</h4>
    ${Object.entries(responses)
      .filter(([status, response]) => Number(status) < 400 || !('$ref' in response))
      .map(([status, response]) => responseDetails(status, resolved(response, document)))}
    <p class="soft">${problemsLine(responses)}</p>
  </article>`;
}

/** Refusals that every route words alike are in a section of their own. */
function problemsLine(responses: Operation['responses']): Html {
  const statuses = Object.keys(responses).filter((status) => Number(status) >= 400);
  return html`${statuses.length === 0 ? null : `May refuse with ${statuses.join(', ')}: `}<a href="#problems"
      >problems</a
    >.`;
}

function responseDetails(status: string, { description, content }: ResponseObject): Html {
  const head = html`<b>${status}</b>${prose(description)}`;
  if (content === undefined) return html`<p class="answer">${head}</p>`;
  return html`<details>
    <summary>${head}</summary>
    ${contentView(content)}
  </details>`;
}

function contentView(content: Content): Html {
  return html`${Object.entries(content).map(
    ([type, { schema, example }]) =>
      html`<p class="soft">${type}: ${schema.properties === undefined ? typeView(schema) : 'an object'}</p>
        ${fieldsHere(schema)}${example === undefined ? null : html`<pre><code>${JSON.stringify(example, null, 2)}</code></pre>`}`,
  )}`;
}

const fieldsHere = (schema: JsonSchema) => (schema.properties === undefined ? null : schemaView(schema));

function curl({ path, method, operation }: Placed, origin: string): string {
  const { parameters = [], requestBody, security } = operation;
  let address = path;
  const query: string[] = [];
  for (const { name, in: place, required, example } of parameters) {
    const value = typeof example === 'string' ? encodeURIComponent(example) : 'x';
    if (place === 'path') address = address.replace(`{${name}}`, value);
    else if (required) query.push(`${name}=${value}`);
  }
  const example = requestBody?.content['application/json']?.example;
  return [
    `curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} '${origin}${address}${query.length === 0 ? '' : `?${query.join('&')}`}'`,
    ...(security.length === 0 ? [] : [`-H "Authorization: Bearer $KEY"`]),
    ...(example === undefined
      ? []
      : [`-H 'Content-Type: application/json'`, `-d '${JSON.stringify(example).replaceAll("'", "'\\''")}'`]),
  ].join(' \\\n     ');
}

function resolved(response: ResponseObject | Reference, { components }: OpenApiDocument): ResponseObject {
  if (!('$ref' in response)) return response;
  const name = response.$ref.slice(response.$ref.lastIndexOf('/') + 1);
  return components.responses[name] ?? { description: name };
}

function problemStatus({ content }: ResponseObject): string {
  const example = content?.['application/problem+json']?.example;
  const status =
    typeof example === 'object' && example !== null && 'status' in example ? example.status : 304;
  return String(status);
}

const capitalised = (word: string) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
