import { expect, test } from 'vitest';
import { warehouse } from '../support/warehouse-data.js';

const articleFirst = (title: string) =>
  warehouse.session(async (session) => {
    const [row] = await session.rows<{ title: string }>('SELECT article_first($title) AS title', { title });
    return row?.title;
  });

test.each([
  ['Graduate, The', 'The Graduate'],
  ['Good, the Bad and the Ugly, The', 'The Good, the Bad and the Ugly'],
  ['Karate Kid, Part II, The', 'The Karate Kid, Part II'],
  ['Star Is Born, A', 'A Star Is Born'],
  ['Misérables, Les', 'Les Misérables'],
  ['Postino, Il', 'Il Postino'],
  ['Boot, Das (Boat, The)', 'Das Boot (The Boat)'],
  ["Avventura, L' (Adventure, The)", "L'Avventura (The Adventure)"],
  [
    'City of Lost Children, The (Cité des enfants perdus, La)',
    'The City of Lost Children (La Cité des enfants perdus)',
  ],
  ['Seven (a.k.a. Se7en) (Sins, The)', 'Seven (a.k.a. Se7en) (The Sins)'],
  ['Enfer (a.k.a. Hell, The) ', 'Enfer (a.k.a. The Hell) '],
])('%s → %s', async (written, expected) => {
  expect(await articleFirst(written)).toBe(expected);
});

test.each([
  'Like Water For Chocolate (Como agua para chocolate)',
  'Theodora Goes Wild',
  'Hello, Dolly!',
  'Me, Myself & Irene',
  "L'été",
  'Sex, Lies, and Videotape',
  'The The, Then',
  'Crouching (Tiger, Hidden) Dragon',
])('%s stays', async (title) => {
  expect(await articleFirst(title)).toBe(title);
});
