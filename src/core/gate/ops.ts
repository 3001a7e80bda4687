import type {
  Decision,
  GateOutcome,
  ReleaseClass,
  ReleaseManifest,
  Report,
  Serving,
  Speed,
  Verdict,
} from '../../contracts/index.js';
import { type Finding, type GateRules, all, limit, unclear } from './rules.js';

/**
 * G8, first half, with the verdict: the model is no heavier than the champion's by much, its training no slower, the memory is
 * enough, and no list is shorter than it could be.
 */
export function opsHold({ conditions }: Report, kind: ReleaseClass, rules: GateRules): GateOutcome {
  if (conditions === undefined) return unclear('G8', 'sizes were not looked at');
  const { bytes, championBytes, shortLists, notFinite, effort } = conditions;
  const findings = [
    limit('short lists', shortLists, 'at most', 0, 0),
    limit('numbers that are not finite', notFinite, 'at most', 0, 0),
  ];
  if (championBytes !== null) {
    findings.push(limit('bytes of the model', bytes, 'at most', championBytes * rules.maxBytesRatio, 0));
  }
  if (effort !== undefined) {
    const most = effort.memoryMiB * rules.maxMemoryShare;
    findings.push(
      limit('MiB of memory', effort.peakMiB, 'at most', most, 0),
      trainingTime(effort, kind, rules),
    );
  }
  return all('G8', findings);
}

type Effort = NonNullable<NonNullable<Report['conditions']>['effort']>;

/**
 * CPU seconds an epoch, the less of two fits, against the champion's on the same kind of processor. CPU time, too, grows when
 * others use the caches: with threads that waited for a core, too much proves nothing, nor does it where the process did other
 * work beside. The recipe of a refresh has proven its speed already.
 */
function trainingTime(
  { epochCpuSeconds: ours, championEpochCpuSeconds: theirs, isBusy, isShared = false }: Effort,
  kind: ReleaseClass,
  rules: GateRules,
): Finding {
  const says = `${ours.toFixed(1)} CPU seconds an epoch`;
  if (theirs === null) return { isKept: true, says: `${says}, with no champion's to compare with` };
  const most = Math.max(theirs * rules.maxTrainRatio, rules.freeEpochSeconds);
  const found = limit('CPU seconds an epoch', ours, 'at most', most, 1);
  if (found.isKept !== false || !(isBusy || isShared)) return found;
  const why = isShared ? 'with other work of this process in it' : 'on a busy machine';
  return { isKept: kind === 'refresh' ? true : null, says: `${found.says}, ${why}` };
}

/** G8, second half, when the release stands and no channel points at it: how fast its lists are answered and worked out anew. */
export function servingFindings({ lists, foldIn }: Serving, rules: GateRules): Finding[] {
  const { perSecond, listMs, foldInMs } = rules.serving;
  return [
    ...(lists === null ? [] : speed('a cached list', lists, listMs, 1000 / perSecond)),
    ...(foldIn === null ? [] : speed('a fold-in', foldIn, foldInMs, foldInMs)),
  ];
}

/** ms. An answer without any list takes one or two; when it takes this, the process waited for a core. */
const BUSY_FROM = 10;

/**
 * p95 within the limit is kept. Beyond it, the machine may have been busy: then answers that need no list were slow just
 * before and after, and CPU time decides: half of what one core has for an answer is kept, all of it is broken, and between
 * the two nothing is known, nor above half where other work of the process is in it.
 */
function speed(
  name: string,
  { p95Ms, controlP95Ms, cpuMs, failed, isShared = false }: Speed,
  limitMs: number,
  coreMs: number,
): Finding[] {
  const answered = limit(`answers of ${name} that failed`, failed, 'at most', 0, 0);
  const wall = limit(`p95 of ${name}, ms`, p95Ms, 'at most', limitMs, 1);
  const isBusy = controlP95Ms > BUSY_FROM;
  if (wall.isKept !== false || !isBusy) return [answered, wall];
  const isKept = cpuMs <= coreMs / 2 ? true : cpuMs > coreMs && !isShared ? false : null;
  const says = `${wall.says}, on a busy machine (${controlP95Ms.toFixed(1)} ms without a list); CPU ${cpuMs.toFixed(1)} ms of ${coreMs.toFixed(1)}${isShared ? ', with other work of this process in it' : ''}`;
  return [answered, { isKept, says }];
}

/**
 * The verdict with G8 as it stands after the rehearsal. A promoted candidate whose answers are too slow is rejected, or held
 * where it could not be told, and is never served. A person's word waives what that person saw of it, never answers that fail.
 */
export function withServing(verdict: Verdict, serving: Serving, rules: GateRules): Verdict {
  const before = verdict.gates?.find(({ gate }) => gate === 'G8');
  const found = servingFindings(serving, rules);
  if (before === undefined || found.length === 0) return verdict;
  const now = all('G8', found);
  const order = ['FAIL', 'INCONCLUSIVE', 'PASS'] as const;
  const state = order.find((each) => each === before.state || each === now.state)!;
  const outcome: GateOutcome = { gate: 'G8', state, sentence: `${before.sentence}; ${now.sentence}` };
  const gates = verdict.gates!.map((gate) => (gate.gate === 'G8' ? outcome : gate));
  const seen = { ...verdict, gates, serving: now.state };
  if (now.state === 'PASS' || verdict.kind !== 'promote') return seen;
  const reason = `G8 ${now.state}: ${now.sentence}`;
  const { decision, ...rest } = seen;
  if (decision !== undefined && isWaived(decision, now.state, serving)) {
    return { ...seen, provisional: true, reasons: [...verdict.reasons, reason] };
  }
  const said = decision && `accepted by ${decision.by} at ${decision.at}; without effect on that`;
  return {
    ...rest,
    kind: now.state === 'FAIL' ? 'reject' : 'hold',
    provisional: false,
    reasons: [reason, ...(said === undefined ? [] : [said])],
  };
}

/** Of those that were asked for; an answer that fails is a fault, and no slowness that somebody may put up with. */
export function failedAnswers({ lists, foldIn }: Serving): number {
  return (lists?.failed ?? 0) + (foldIn?.failed ?? 0);
}

/** Who saw answers too slow accepted those that could not be told, too. */
function isWaived({ serving: seen }: Decision, state: 'FAIL' | 'INCONCLUSIVE', serving: Serving): boolean {
  return failedAnswers(serving) === 0 && (seen === 'FAIL' || seen === state);
}

/** A release by a model that its own verdict does not promote: its answers were too slow. */
export function isHeldBack({ model, verdict }: Pick<ReleaseManifest, 'model' | 'verdict'>): boolean {
  return model !== null && verdict !== null && verdict.kind !== 'promote';
}
