import type { Request, Response } from 'express';

const COOKIE = 'matinee_done';
/** The page that says it comes at once. */
const SECONDS = 30;

/** What was just done, for the one page at `path` that comes next. An address could be made up by anybody; this cannot. */
export function leaveFlash(res: Response, path: string, done: string): void {
  res.appendHeader('Set-Cookie', `${COOKIE}=${done}; ${attributes(path)}; Max-Age=${SECONDS}`);
}

/** What was left for this page, once. */
export function takeFlash(req: Request, res: Response, path: string): string | null {
  const prefix = `${COOKIE}=`;
  const pair = (req.headers.cookie ?? '').split(';').find((part) => part.trim().startsWith(prefix));
  if (pair === undefined) return null;
  res.appendHeader('Set-Cookie', `${COOKIE}=; ${attributes(path)}; Max-Age=0`);
  return pair.trim().slice(prefix.length);
}

function attributes(path: string): string {
  return `Path=${path}; HttpOnly; SameSite=Strict`;
}
