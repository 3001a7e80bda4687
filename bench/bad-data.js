// Data for bench/scenarios.js, made from a user's own MovieLens folder: a partner's file with bad rows, and the same ratings later.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seeded } from './stack.js';

const DAY_MS = 86_400_000;
/** Rows of the partner's file. */
export const ROWS = 5000;
/** A film that some bad rows name, and that the catalogue gets later. */
export const LATE_FILM = 'late-1';

export function writeConfig(home, text) {
  const file = join(home, 'logs', 'matinee.config.yaml');
  writeFileSync(file, text);
  return file;
}

/** A partner's CSV, which repeats ratings of the folder a second later, some of them bad in ways that occur; and the config that names it. */
export function badFile(home, folder, share) {
  const inbox = join(home, 'logs', 'inbox');
  mkdirSync(inbox, { recursive: true });
  const ratings = readRatings(folder);
  const random = seeded(3);
  const breakings = [
    (row) => ({ ...row, stars: '0' }),
    (row) => ({ ...row, film: LATE_FILM }),
    (row) => ({ ...row, at: '2199-01-01T00:00:00Z' }),
    (row) => ({ ...row, stars: 'ten' }),
    (row) => ({ ...row, at: '' }),
  ];
  const bad = Math.round(ROWS * share);
  const lines = Array.from({ length: ROWS }, (_, i) => {
    const [viewer, film, rating, at] = ratings[Math.floor(random() * ratings.length)];
    const row = {
      viewer,
      film,
      stars: String(2 * Number(rating)),
      at: new Date((Number(at) + 1) * 1000).toISOString(),
      mood: 'cheerful',
    };
    return Object.values(i < bad ? breakings[i % breakings.length](row) : row).join(',');
  });
  writeFileSync(join(inbox, 'ratings.csv'), ['viewer,film,stars,at,mood', ...lines, ''].join('\n'));
  const config = writeConfig(
    home,
    `sources:
  - name: partner
    format: csv
    glob: ${join(inbox, '*.csv')}
    type: rating
    columns: { user_id: viewer, film_id: film, value: stars, ts: at }
`,
  );
  return { config, bad, fixable: Math.ceil((bad - 1) / breakings.length) };
}

/** A copy of the folder with every time moved by whole days, so that the newest is of yesterday. */
export function movedToYesterday(home, folder) {
  const copy = join(home, 'logs', 'moved');
  mkdirSync(copy, { recursive: true });
  for (const name of ['u.item', 'u.user', 'u.genre']) cpSync(join(folder, name), join(copy, name));
  const rows = readRatings(folder);
  const newest = Math.max(...rows.map((row) => Number(row[3])));
  const days = Math.floor(Date.now() / DAY_MS) - 1 - Math.floor((newest * 1000) / DAY_MS);
  const moved = rows.map(([viewer, film, rating, at]) => [viewer, film, rating, Number(at) + days * 86_400]);
  writeFileSync(join(copy, 'u.data'), `${moved.map((row) => row.join('\t')).join('\n')}\n`);
  return copy;
}

/** viewer, film, rating 1 to 5, seconds since 1970 */
function readRatings(folder) {
  return readFileSync(join(folder, 'u.data'), 'latin1')
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));
}
