import { stringify } from 'yaml';
import type { Config } from '../../contracts/index.js';
import { type Setting, withSetting } from '../../core/tune/settings.js';

/** What of a setting differs from the config, as YAML to be put into matinee.config.yaml; empty when nothing does. */
export function fragmentOf(config: Config, setting: Setting): string {
  const { ials, feedback } = withSetting(config, setting);
  const changed = changes({ ials: config.ials, feedback: config.feedback }, { ials, feedback });
  return changed === undefined ? '' : stringify(changed);
}

/** The leaves of `to` that are not those of `from`, in their sections; undefined when there is none. */
function changes(from: unknown, to: unknown): unknown {
  if (typeof from !== 'object' || from === null || typeof to !== 'object' || to === null) {
    return from === to ? undefined : to;
  }
  const found = Object.entries(to).flatMap(([name, value]: [string, unknown]) => {
    const changed = changes((from as Record<string, unknown>)[name], value);
    return changed === undefined ? [] : [[name, changed] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}
