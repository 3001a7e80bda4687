const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Shutdown {
  /** Aborted by the first Ctrl-C, SIGTERM or hang-up: abandons what is still starting. */
  readonly signal: AbortSignal;
  /** Resolves with that signal's name. */
  readonly requested: Promise<NodeJS.Signals>;
  /** Gives the signals their default meaning again. */
  dispose(): void;
}

/**
 * Turns Ctrl-C into one request to stop. Repeats are ignored while things stop: npm passes on the Ctrl-C that the
 * terminal has already sent to the whole group, so a second one means nothing. Everything we start runs in a group of
 * its own (launch.ts), so only the process that calls this hears the first.
 */
export function listenForShutdown(): Shutdown {
  const controller = new AbortController();
  let onSignal: (name: NodeJS.Signals) => void = () => undefined;
  const requested = new Promise<NodeJS.Signals>((resolve) => {
    onSignal = (name) => {
      controller.abort(new Error(`stopped by ${name}`));
      resolve(name);
    };
  });
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    requested,
    dispose() {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
