// Likes, ratings, bookmarks and objections without a new page: shown at once, and taken back, with the reason, when the
// server did not store them.
import { uuid } from './events.js';
import { addOrigin } from './origin.js';

const OPPOSITES = /** @type {Record<string, string>} */ ({ like: 'dislike', dislike: 'like' });
/** After these the film stands on none of the viewer's lists … */
const LEAVING = new Set(['rate', 'dislike', 'not_interested', 'dont_use']);
/** … and after these it may stand there again, at another place. */
const RETURNING = new Set(['unrate', 'undislike', 'like', 'undo_not_interested', 'undo_dont_use']);

export function sendFormsQuietly() {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset['act'] === undefined) return;
    const { submitter } = event;
    if (!(submitter instanceof HTMLButtonElement)) return;
    event.preventDefault();
    void send(form, submitter);
  });
}

/** @param {HTMLFormElement} form @param {HTMLButtonElement} button */
async function send(form, button) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form, button))
    if (typeof value === 'string') fields.set(name, value);
  // Each of these is an act of its own: without a new id, the second like after an unlike would be the first again.
  fields.set('form', uuid());
  addOrigin(fields);
  const shared = button.dataset['share'] === undefined ? undefined : await share(button.dataset['share']);
  if (shared === null) return;
  const undo = show(form, button);
  const done = fields.get('do') ?? '';
  try {
    const answer = await fetch(form.action, {
      method: 'POST',
      headers: { Accept: 'application/json' },
      body: fields,
    });
    /** @type {{ said: string, to?: string }} */
    const { said, to } = await answer.json();
    say(answer.ok ? (shared ?? said) : said, answer.status === 401 ? to : undefined);
    if (!answer.ok) return undo();
  } catch {
    undo();
    say('The house could not be reached: that was not recorded. Try again.');
    return;
  }
  // Stored: whatever goes wrong from here on takes nothing back.
  if (LEAVING.has(done)) forgetPlace(form, button);
  if (/^(not_interested|dont_use|undo_)/.test(button.value)) settle(button);
  // Without an answer the place stays as it is until the next page.
  if (RETURNING.has(done)) await lookUpPlace(form).catch(() => {});
}

/** Shows the act as done; returns how it is taken back. @param {HTMLFormElement} form @param {HTMLButtonElement} button */
function show(form, button) {
  /** @type {(() => void)[]} */
  const undo = [];
  /** @param {Element} element @param {boolean} isOn */
  const press = (element, isOn) => {
    if (!(element instanceof HTMLButtonElement)) return;
    const [was, value] = [element.getAttribute('aria-pressed'), element.value];
    element.setAttribute('aria-pressed', String(isOn));
    const { on, off } = element.dataset;
    if (on && off) element.value = isOn ? off : on;
    undo.push(() => {
      element.setAttribute('aria-pressed', was ?? 'false');
      element.value = value;
    });
  };
  const isUnrated = button.value === 'unrate';
  if (form.classList.contains('rating-form') || isUnrated) {
    for (const mark of document.querySelectorAll('.marks button')) press(mark, mark === button);
    const legend = document.querySelector('.rating-form legend');
    const takeBack = document.querySelector('form.unrate');
    const [was, wasHidden] = [legend?.textContent, takeBack?.hasAttribute('hidden') ?? true];
    if (legend) legend.textContent = isUnrated ? 'Your rating' : `Your rating: ${button.value} of 10`;
    takeBack?.toggleAttribute('hidden', isUnrated);
    undo.push(() => {
      if (legend) legend.textContent = was ?? '';
      takeBack?.toggleAttribute('hidden', wasHidden);
    });
  } else if (button.hasAttribute('aria-pressed')) {
    const isOn = button.getAttribute('aria-pressed') !== 'true';
    const opposite = OPPOSITES[button.dataset['on'] ?? ''];
    press(button, isOn);
    const other = form.querySelector(`[data-on="${opposite}"]`);
    if (isOn && other?.getAttribute('aria-pressed') === 'true') press(other, false);
  }
  return () => undo.reverse().forEach((back) => back());
}

/** On the film's own page: its place on the list, and why. @param {HTMLFormElement} form @param {HTMLButtonElement} button */
function forgetPlace(form, button) {
  if (new URL(form.action).pathname !== `${location.pathname}/act`) return;
  const place = document.querySelector('.film-page .personal');
  // Not the button that was just pressed: whoever is on it would stand nowhere.
  const gone = place?.contains(button) ? place.querySelector('.reason') : place;
  gone?.setAttribute('hidden', '');
}

/** Its place as it is now, from the page as the server writes it now. @param {HTMLFormElement} form */
async function lookUpPlace(form) {
  const place = document.querySelector('.film-page .personal');
  if (!place || !(place.matches('[hidden]') || place.querySelector('[hidden]'))) return;
  if (new URL(form.action).pathname !== `${location.pathname}/act`) return;
  const answer = await fetch(location.pathname, { headers: { Accept: 'text/html' } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const now = page.querySelector('.film-page .personal');
  if (now) place.replaceWith(document.adoptNode(now));
}

/** An objection leaves the list that it was made in. @param {HTMLButtonElement} button */
function settle(button) {
  if (button.value === 'not_interested') button.closest('.ticket')?.classList.add('gone');
  const row = button.closest('.aside li');
  if (row) row.remove();
}

/** What is to be said once the share is recorded; null = nothing was shared. @param {string} title */
async function share(title) {
  const url = location.href.split('?')[0] ?? location.href;
  try {
    if (navigator.share) {
      await navigator.share({ title, url });
      return 'Shared.';
    }
    await navigator.clipboard.writeText(url);
    return 'Address copied, and counted as shared.';
  } catch (error) {
    // Put away again by the viewer: nothing needs to be said.
    if (!(error instanceof DOMException && error.name === 'AbortError'))
      say(
        'That could not be shared from here, and is not recorded. The address bar holds the page’s address.',
      );
    return null;
  }
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let hush;
/** @param {unknown} words @param {string} [signIn] where to sign in first */
function say(words, signIn) {
  const place = document.getElementById('said');
  if (!place) return;
  place.textContent = typeof words === 'string' ? words : 'Something went wrong: that was not recorded.';
  if (signIn?.startsWith('/')) {
    const link = document.createElement('a');
    link.href = signIn;
    link.textContent = 'Sign in';
    place.append(' ', link);
  }
  place.classList.add('shown');
  clearTimeout(hush);
  hush = setTimeout(() => place.classList.remove('shown'), 6000);
}
