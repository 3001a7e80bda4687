/** Says how far a simulation is, at most twice a second on a terminal and every ten seconds into a file. */
export interface Progress {
  at(done: number, events: number): void;
  end(): void;
}

export interface ProgressOptions {
  of: number;
  now: () => number;
  write: (text: string) => void;
  isTerminal: boolean;
}

export function createProgress({ of, now, write, isTerminal }: ProgressOptions): Progress {
  const started = now();
  const everyMs = isTerminal ? 500 : 10_000;
  let saidAt = started;
  return {
    at(done, events) {
      const at = now();
      if (at - saidAt < everyMs) return;
      saidAt = at;
      const line = progressLine({ done, of, events, elapsedMs: at - started });
      write(isTerminal ? `\r\u001b[K  ${line}` : `  ${line}\n`);
    },
    end() {
      if (isTerminal && saidAt !== started) write('\r\u001b[K');
    },
  };
}

export function progressLine({
  done,
  of,
  events,
  elapsedMs,
}: {
  done: number;
  of: number;
  events: number;
  elapsedMs: number;
}): string {
  const n = (count: number) => count.toLocaleString('en');
  const perSecond = Math.round(events / Math.max(elapsedMs / 1000, 0.001));
  const left = done === 0 ? '' : `, ${timeLeft((elapsedMs / done) * (of - done))} left`;
  return `${n(done)} of ${n(of)} viewers, ${n(events)} events, ${n(perSecond)} a second${left}`;
}

function timeLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
