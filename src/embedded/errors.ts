/** The environment lacks something Matinee needs, or something is in the way: one sentence that names it and the fix. */
export class EmbeddedError extends Error {}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The errno code of a failed system call, e.g. ENOENT. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
