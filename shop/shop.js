// The shop works without this script. With it, what is seen and watched is measured, and forms need no new page.
import { flush, record } from './events.js';
import { sendFormsQuietly } from './forms.js';
import { measureLists } from './impressions.js';
import { keepOrigin, originHere, rememberLinks } from './origin.js';
import { runPlayer } from './player.js';

const { surface } = document.body.dataset;

sendFormsQuietly();
measureLists();
runPlayer();
rememberLinks();

const film = document.querySelector('.film-page form[data-act]')?.getAttribute('action');
if (surface === 'film' && film) {
  keepOrigin();
  record('detail_open', { movieId: decodeURIComponent(film.split('/')[2] ?? ''), ...originHere() });
}

document.addEventListener('click', (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const item = target?.closest('a')?.closest('[data-list="search"] [data-film]');
  if (item instanceof HTMLElement)
    record('search_click', {
      movieId: item.dataset['film'],
      position: Number(item.dataset['place']),
      listId: 'search',
    });
});
void flush();
