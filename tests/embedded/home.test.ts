import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type HomeUpgrade, openHome, pidKey, secret } from '../../src/embedded/home.js';
import { temporaryFolder } from './temporary.js';

const folder = temporaryFolder();
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
const formatOf = (root: string) => JSON.parse(readFileSync(join(root, 'home.json'), 'utf8'));

describe('layout', () => {
  test('is private, and opening it again changes nothing', async () => {
    const home = await openHome(join(folder, 'a', 'deep', 'home'));
    expect(mode(home.root)).toBe('700');
    for (const part of [home.pg, home.temporal, home.logs, home.secrets, join(home.root, 'warehouse')]) {
      expect(mode(part)).toBe('700');
    }
    writeFileSync(join(home.pg, 'kept'), 'x');
    await openHome(home.root);
    expect(readFileSync(join(home.pg, 'kept'), 'utf8')).toBe('x');
    expect(formatOf(home.root)).toEqual({ format: 1 });
  });

  test('twenty at once agree', async () => {
    const root = join(folder, 'raced');
    await Promise.all(Array.from({ length: 20 }, () => openHome(root)));
    expect(formatOf(root)).toEqual({ format: 1 });
  });

  test("a user's own folder is refused and left alone", async () => {
    const root = join(folder, 'documents');
    mkdirSync(root, { mode: 0o755 });
    writeFileSync(join(root, 'thesis.txt'), 'x');
    await expect(openHome(root)).rejects.toThrow(/holds other things \(thesis.txt…\).*MATINEE_HOME=/);
    expect(mode(root)).toBe('755');
  });

  test('a volume that holds only our folders becomes a home', async () => {
    const root = join(folder, 'volume');
    mkdirSync(join(root, 'warehouse'), { recursive: true });
    mkdirSync(join(root, 'lost+found'));
    await openHome(root);
    expect(formatOf(root)).toEqual({ format: 1 });
  });
});

describe('format', () => {
  const madeWith = async (name: string, format: number) => {
    const home = await openHome(join(folder, name), { format, upgrades: [] });
    return home.root;
  };

  test('a marker that was half written is written anew', async () => {
    const root = join(folder, 'half-written');
    await openHome(root);
    writeFileSync(join(root, 'home.json'), '{ "form');
    await openHome(root);
    expect(JSON.parse(readFileSync(join(root, 'home.json'), 'utf8'))).toEqual({ format: 1 });
  });

  test("another program's home.json is no marker, and is left as it is", async () => {
    const root = join(folder, 'other-program');
    mkdirSync(root);
    for (const name of ['home.json', 'rooms.db']) writeFileSync(join(root, name), '{"rooms":3}');
    await expect(openHome(root)).rejects.toThrow(/holds other things \(rooms\.db…\)/);
    expect(readFileSync(join(root, 'home.json'), 'utf8')).toBe('{"rooms":3}');
  });

  test('that is a file, or below one, is told in a sentence', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    for (const root of [file, join(file, 'below')]) {
      await expect(openHome(root)).rejects.toThrow(
        `The home ${root} cannot be a folder: something of its path is a file. Choose an empty folder: MATINEE_HOME=`,
      );
    }
  });

  test('of a newer version is refused with the command to run', async () => {
    const root = await madeWith('newer', 7);
    await expect(openHome(root)).rejects.toThrow(
      /format 7; this Matinee knows formats up to 1.*git pull && npm ci && npm start.*MATINEE_HOME=/,
    );
  });

  test('of an earlier version is upgraded step by step, and each step once', async () => {
    const root = await madeWith('older', 1);
    const ran: number[] = [];
    const step = (from: number): HomeUpgrade => ({ from, run: async () => void ran.push(from) });
    const known = { format: 3, upgrades: [step(2), step(1)] };
    await openHome(root, known);
    await openHome(root, known);
    expect(ran).toEqual([1, 2]);
    expect(formatOf(root)).toEqual({ format: 3 });
  });

  test('a step that fails is tried again next time, from where it was', async () => {
    const root = await madeWith('interrupted', 1);
    let broken = true;
    const upgrades: HomeUpgrade[] = [
      { from: 1, run: async () => undefined },
      {
        from: 2,
        run: async () => {
          if (broken) throw new Error('no space');
        },
      },
    ];
    await expect(openHome(root, { format: 3, upgrades })).rejects.toThrow('no space');
    expect(formatOf(root)).toEqual({ format: 2 });
    broken = false;
    await openHome(root, { format: 3, upgrades });
    expect(formatOf(root)).toEqual({ format: 3 });
  });

  test('of an earlier version without an upgrade is refused with the command to run', async () => {
    const root = await madeWith('too-old', 1);
    await expect(openHome(root, { format: 2, upgrades: [] })).rejects.toThrow(
      /format 1, too old for this Matinee \(format 2\).*MATINEE_HOME=/,
    );
  });
});

describe('pseudonym key', () => {
  test('twenty racing creators get one key; the file is private', async () => {
    const home = await openHome(join(folder, 'keys'));
    const keys = await Promise.all(Array.from({ length: 20 }, () => pidKey(home)));
    expect(new Set(keys.map(({ key }) => key.toString('hex'))).size).toBe(1);
    expect(keys[0]?.key).toHaveLength(32);
    expect(keys[0]?.version).toBe(1);
    expect(mode(join(home.secrets, 'pid-v1.key'))).toBe('600');
    expect((await pidKey(home)).key).toEqual(keys[0]?.key);
  });

  test('a truncated key is an error that names the file', async () => {
    const home = await openHome(join(folder, 'cut-key'));
    writeFileSync(join(home.secrets, 'pid-v1.key'), 'short');
    await expect(pidKey(home)).rejects.toThrow(/pid-v1.key has 5 bytes, expected 32/);
  });

  test('a secret is made from the injected source, once', async () => {
    const file = join((await openHome(join(folder, 'secrets'))).secrets, 's');
    expect((await secret(file, () => 'one')).toString()).toBe('one');
    expect((await secret(file, () => 'two')).toString()).toBe('one');
  });
});
