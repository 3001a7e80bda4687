import type { Command } from 'commander';

type Register = (program: Command) => void;

/** A command as `matinee --help` lists it. Its module, and all that it needs, is loaded only when it is the one that runs. */
export interface LazyCommand {
  name: string;
  summary: string;
  load: () => Promise<Register>;
}

/** In the order of the help: first steps, data, nights, what came out, operation, parts of a deployment. */
export const COMMANDS: readonly LazyCommand[] = [
  {
    name: 'up',
    summary: 'start everything, load the demo into an empty home, run a first night, serve',
    load: async () => (await import('./up.js')).registerUp,
  },
  {
    name: 'doctor',
    summary: 'what this machine has and lacks, and how to get it',
    load: async () => (await import('./doctor.js')).registerDoctor,
  },
  {
    name: 'import',
    summary: 'load MovieLens, MovieTweetings or CSV files',
    load: async () => (await import('./import.js')).registerImport,
  },
  {
    name: 'simulate',
    summary: 'make up an audience with known tastes, into the store or into files',
    load: async () => (await import('./simulate.js')).registerSimulate,
  },
  {
    name: 'sources',
    summary: 'files and catalogue feeds that nights read, and how fresh they are',
    load: async () => (await import('./sources.js')).registerSources,
  },
  {
    name: 'quarantine',
    summary: 'rows that were refused, why, and which pass now',
    load: async () => (await import('./quarantine.js')).registerQuarantine,
  },
  {
    name: 'nightly',
    summary: 'run one night: from what viewers did to served lists',
    load: async () => (await import('./nightly.js')).registerNightly,
  },
  {
    name: 'backfill',
    summary: 'run past nights, several at once',
    load: async () => (await import('./backfill.js')).registerBackfill,
  },
  {
    name: 'recommend',
    summary: "a viewer's list, with its reasons",
    load: async () => (await import('./recommend.js')).registerRecommend,
  },
  {
    name: 'explain',
    summary: "why a film is, or is not, in a viewer's list",
    load: async () => (await import('./explain.js')).registerExplain,
  },
  {
    name: 'top',
    summary: 'the Top list by weighted rating',
    load: async () => (await import('./top.js')).registerTop,
  },
  {
    name: 'releases',
    summary: 'what has been released, and what is served',
    load: async () => (await import('./releases.js')).registerReleases,
  },
  {
    name: 'repro',
    summary: 'make a release once more from its snapshot, and compare bytes',
    load: async () => (await import('./repro.js')).registerRepro,
  },
  {
    name: 'verify',
    summary: 'check every file and list of a release',
    load: async () => (await import('./verify.js')).registerVerify,
  },
  {
    name: 'sql',
    summary: 'query the warehouse, read-only',
    load: async () => (await import('./sql.js')).registerSql,
  },
  {
    name: 'evaluate',
    summary: 'train and measure on files of your own',
    load: async () => (await import('./evaluate.js')).registerEvaluate,
  },
  {
    name: 'tune',
    summary: "search the model's settings on the warehouse's data",
    load: async () => (await import('./tune.js')).registerTune,
  },
  {
    name: 'keys',
    summary: 'API keys: who may call the API, and what for',
    load: async () => (await import('./keys.js')).registerKeys,
  },
  {
    name: 'worker',
    summary: 'only a worker, beside servers that run elsewhere',
    load: async () => (await import('./worker.js')).registerWorker,
  },
  {
    name: 'api',
    summary: 'only the API, over the releases of a warehouse',
    load: async () => (await import('./api.js')).registerApi,
  },
];

/** Adds every command to the program, but loads only the one that `words` (the arguments) name. */
export async function addCommands(
  program: Command,
  words: readonly string[],
  commands: readonly LazyCommand[] = COMMANDS,
): Promise<void> {
  const [first, second] = words.filter((word) => !word.startsWith('-'));
  const wanted = first === 'help' ? second : first;
  for (const { name, summary, load } of commands) {
    if (name === wanted) (await load())(program);
    else program.command(name);
    program.commands.find((command) => command.name() === name)?.summary(summary);
  }
}
