import { html, type Html } from './html.js';

export interface Fault {
  status: number;
  title: string;
  text: string;
  /** Seconds after which another try makes sense. */
  retryAfter?: number;
}

export const NO_SUCH_PAGE: Fault = {
  status: 404,
  title: 'Not on the programme',
  text: 'There is no such page, or no such film for this profile.',
};
export const NOTHING_RELEASED: Fault = {
  status: 503,
  title: 'The first programme is still at the printer’s',
  text: 'Nothing has been released yet. The first night makes it: with npm start it runs by itself within the minute, else run “matinee nightly --wait”.',
  retryAfter: 10,
};
export const STORE_DOWN: Fault = {
  status: 503,
  title: 'The box office is closed',
  text: 'The operational database does not answer, so nothing can be recorded and nobody signed in. Nothing of what you did before is lost, and the programme itself goes on without it.',
  retryAfter: 5,
};
export const OUR_FAULT: Fault = {
  status: 500,
  title: 'The film broke',
  text: 'Something went wrong on our side. The log of the API has the details.',
};
export const FOREIGN_FORM: Fault = {
  status: 403,
  title: 'That came from elsewhere',
  text: 'Forms of this house count only when they are sent from its own pages.',
};

export function faultView({ status, title, text }: Fault): Html {
  return html`<section class="fault" aria-labelledby="fault">
    <p class="fault-code" aria-hidden="true">${status}</p>
    <h1 id="fault">${title}</h1>
    <p class="lead">${text}</p>
    <p class="actions">
      <a class="button" href="/">Tonight’s programme</a><a class="button quiet" href="/browse">The index</a>
    </p>
  </section>`;
}
