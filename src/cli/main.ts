import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addCommands } from './commands.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('matinee')
  .description('The nightly recommender of a film service. Start with: matinee up')
  .version(version)
  .showHelpAfterError('(add --help for the options)')
  .enablePositionalOptions();

// A terminal or a pipe that was closed takes no more words; what was started must be stopped all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  await addCommands(program, process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  const [{ isExpected }, { explain }, { messageOf }] = await Promise.all([
    import('./expected-errors.js'),
    import('./errors.js'),
    import('../embedded/errors.js'),
  ]);
  process.stderr.write(`matinee: ${isExpected(error) ? messageOf(error) : explain(error)}\n`);
  // At once: a night that was watched may still be asked about on a connection that is closed by now.
  process.exit(1);
}
