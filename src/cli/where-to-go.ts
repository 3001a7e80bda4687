import pc from 'picocolors';
import type { DemoKey } from './demo-key.js';

/** How long the API may take to say what it has; it is ready already. */
const PROBE_MS = 3000;

/**
 * The last lines of a start: where the shop is, where the docs are, what to try next. Only what the API really has is
 * named.
 */
export async function whereToGo(
  api: string,
  {
    key: { text, file, isGood },
    isDemo,
    hasNewcomer,
    now,
  }: { key: DemoKey; isDemo: boolean; hasNewcomer: boolean; now: Date },
  ask: typeof fetch = fetch,
): Promise<string> {
  const has = async (path: string) => {
    try {
      const answer = await ask(`${api}${path}`, {
        redirect: 'manual',
        signal: AbortSignal.timeout(PROBE_MS),
      });
      await answer.body?.cancel();
      return answer.status < 400;
    } catch {
      return false;
    }
  };
  const [hasShop, hasDocs] = await Promise.all([has('/'), has('/docs')]);
  const viewer = isDemo ? 'ada' : '<viewer>';
  const people = `ada (film noir)${hasNewcomer ? ', mia, who is seven, or nell, who is new' : ' or mia, who is seven'}`;
  const row = (name: string, text: string) => `  ${name.padEnd(10)}${text}`;
  return [
    '',
    ...(hasShop ? [row('Shop', `${pc.cyan(`${api}/`)}${isDemo ? `  sign in as ${people}` : ''}`)] : []),
    hasDocs
      ? row('Docs', `${pc.cyan(`${api}/docs`)}  every route of the API`)
      : row('Docs', 'README.md; every route of the API is there'),
    isGood
      ? row('API key', `${text}  (kept in ${file})`)
      : row('API key', 'the demo key was revoked; make one: npx matinee keys create --scope storefront'),
    ...(isGood
      ? [row('', `curl -H "Authorization: Bearer $(cat ${file})" ${api}/v1/users/${viewer}/recommendations`)]
      : []),
    row('Try next', `npx matinee recommend ${viewer}   ·   npx matinee doctor`),
    // Without a date a night is yesterday's, which shows nothing of what was just done.
    row(
      '',
      `${hasShop ? 'after some clicks in the shop' : 'after some events'}: npx matinee nightly --date ${now.toISOString().slice(0, 10)} --wait`,
    ),
    '',
    pc.dim(
      '  Ctrl-C stops everything; your data stay. Your own films and viewers: docs/bring-your-own-data.md',
    ),
  ].join('\n');
}
