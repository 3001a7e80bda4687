import { type Decision, type GateId, NEVER_WAIVED, type Verdict } from '../../contracts/index.js';

/**
 * The verdict after a person's word. Accepted: promoted, provisionally, unless a gate that nobody may waive did not pass.
 * Rejected: rejected, whatever the gates say.
 */
export function applyDecision(verdict: Verdict, decision: Decision | null): Verdict {
  if (decision === null) return verdict;
  const { action, by, at, reason } = decision;
  const said = `${action === 'accept' ? 'accepted' : 'rejected'} by ${by} at ${at}: ${reason}`;
  if (action === 'reject')
    return { ...verdict, kind: 'reject', provisional: false, reasons: [said], decision };
  const closed = notWaivable(verdict);
  if (closed.length > 0) {
    return {
      ...verdict,
      reasons: [...verdict.reasons, `${said}; without effect: ${closed.join(', ')} not passed`],
    };
  }
  // It may be about what is measured after this verdict: how fast the release is answered (G8).
  if (verdict.kind === 'promote') return { ...verdict, reasons: [said, ...verdict.reasons], decision };
  return { ...verdict, kind: 'promote', provisional: true, reasons: [said, ...verdict.reasons], decision };
}

/** Gates that nobody may waive and that did not pass, or were not asked. */
export function notWaivable({ gates = [] }: Verdict): GateId[] {
  return NEVER_WAIVED.filter((wanted) => gates.find(({ gate }) => gate === wanted)?.state !== 'PASS');
}
