import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addCommands, COMMANDS, type LazyCommand } from '../../src/cli/commands.js';

test('only the command that was asked for is loaded', async () => {
  const loaded: string[] = [];
  const lazy = (name: string): LazyCommand => ({
    name,
    summary: `does ${name}`,
    load: async () => {
      loaded.push(name);
      return (program) => void program.command(name).option('--own');
    },
  });
  const of = async (...words: string[]) => {
    loaded.length = 0;
    const program = new Command();
    await addCommands(program, words, [lazy('one'), lazy('two')]);
    return [loaded.join(), program.commands.map((command) => command.summary()).join()];
  };
  expect(await of('two', '--own')).toEqual(['two', 'does one,does two']);
  expect(await of('help', 'one')).toEqual(['one', 'does one,does two']);
  expect(await of('--help')).toEqual(['', 'does one,does two']);
  expect(await of('three', 'one')).toEqual(['', 'does one,does two']);
});

test.each(COMMANDS)('$name registers itself under its name, with a description', async ({ name, load }) => {
  const program = new Command();
  (await load())(program);
  expect(program.commands.map((command) => command.name())).toEqual([name]);
  expect(program.commands[0]?.description()).not.toBe('');
});
