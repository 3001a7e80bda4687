import type { ActivityDeps } from './deps.js';
import { permanentFailure } from './failures.js';
import { type Night, nightlyInputSchema, type NightlyInput } from '../contracts/night.js';

const DAY_MS = 86_400_000;

/** How long without events before "yesterday" gives way to the day of the newest event. */
const QUIET_MS = 7 * DAY_MS;

export type PlanInput = NightlyInput & { scheduledFor: string | null; runKey: string };

/** Decides which night a run is for (design 4, "Which night"). Recorded once; every stage gets the same answer. */
export function createPlanActivities(deps: ActivityDeps) {
  return {
    async planNight(input: PlanInput): Promise<Night> {
      const { date, warmStart } = parse(input);
      const today = startOfDay(deps.clock.now().getTime());
      const chosen = await choose(date, input.scheduledFor, today);
      const asOf = Date.parse(`${chosen.date}T00:00:00Z`) + DAY_MS;
      if (asOf > today + DAY_MS) {
        throw permanentFailure(
          'InputInvalid',
          `--date ${chosen.date} has not begun yet: the newest night is ${isoDay(today)}`,
        );
      }
      return {
        ...chosen,
        asOf: new Date(asOf).toISOString(),
        runId: `${chosen.date}-${input.runKey}`,
        warmStart,
      };
    },

    /** The formula looks at everything that has happened, today included. */
    async planFormula({ runKey }: { runKey: string }): Promise<Night> {
      const today = startOfDay(deps.clock.now().getTime());
      return {
        date: isoDay(today),
        asOf: new Date(today + DAY_MS).toISOString(),
        runId: `formula-${runKey}`,
        warmStart: false,
        why: 'the formula looks at everything up to now',
      };
    },
  };

  async function choose(date: string | undefined, scheduledFor: string | null, today: number) {
    if (date !== undefined) return { date, why: 'asked for' };
    if (scheduledFor !== null) {
      return { date: isoDay(Date.parse(scheduledFor) - DAY_MS), why: `scheduled for ${scheduledFor}` };
    }
    const newest = await deps.store.newestEventAt();
    if (newest === null || today - Date.parse(newest) <= QUIET_MS) {
      return { date: isoDay(today - DAY_MS), why: 'yesterday, UTC' };
    }
    const day = newest.slice(0, 10);
    return {
      date: day,
      why: `the day of the newest event: nothing happened in the 7 days before ${isoDay(today)}`,
    };
  }
}

function parse(input: PlanInput) {
  const { date, publish, warmStart, sweep } = input;
  const result = nightlyInputSchema.safeParse({
    ...(date === undefined ? {} : { date }),
    ...(publish === undefined ? {} : { publish }),
    ...(warmStart === undefined ? {} : { warmStart }),
    ...(sweep === undefined ? {} : { sweep }),
  });
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw permanentFailure('InputInvalid', `nightly input: ${issues}`);
}

const startOfDay = (at: number) => at - (((at % DAY_MS) + DAY_MS) % DAY_MS);
const isoDay = (at: number) => new Date(at).toISOString().slice(0, 10);
