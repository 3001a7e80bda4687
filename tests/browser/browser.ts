import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

export const NO_BROWSER =
  'no Chromium found: install one (Debian: apt install chromium; macOS: Google Chrome), or name it in CHROMIUM_PATH';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const APPLICATIONS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * A Chromium: that of CHROMIUM_PATH, the system's, or on Linux x64 the one in an npm package, unpacked into `folder`.
 * null = there is none (NO_BROWSER says what to do).
 */
export async function findChromium(folder: string): Promise<string | null> {
  const { CHROMIUM_PATH: named, PATH = '' } = process.env;
  if (named !== undefined && named !== '') return named;
  const places = PATH.split(delimiter).flatMap((place) => COMMANDS.map((command) => join(place, command)));
  const found = [...places, ...APPLICATIONS].find((path) => existsSync(path));
  if (found !== undefined) return found;
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const { default: packaged } = await import('@sparticuz/chromium');
  // It unpacks into the system's temporary folder, and would take what somebody else left there.
  const { TMPDIR } = process.env;
  process.env['TMPDIR'] = folder;
  try {
    return await packaged.executablePath();
  } finally {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
  }
}

/** No sandbox: it needs rights that containers do not give, and every page it opens is ours. */
export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    headless: true,
    args: ['--no-sandbox', '--no-zygote', '--disable-gpu', '--font-render-hinting=none'],
  });
}
