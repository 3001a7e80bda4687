// Command line of a script: what it cannot take is one sentence, and --help prints its usage.
import { parseArgs } from 'node:util';

/** Parsed `--name value` options; ends the process for --help and for bad arguments. */
export function optionsOf(usage, options, { allowPositionals = false } = {}) {
  try {
    const all = { ...options, help: { type: 'boolean', default: false } };
    const { values, positionals } = parseArgs({ allowPositionals, options: all });
    if (!values.help) return { values, positionals };
    console.log(usage);
    process.exit(0);
  } catch (error) {
    if (!String(error.code).startsWith('ERR_PARSE_ARGS')) throw error;
    console.error(`${error.message}\n${usage}`);
    process.exit(2);
  }
}
