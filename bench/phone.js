// What a slow phone sees of the shop: first and largest paint, layout shift, bytes, with the network and the processor held
// back through Chromium's DevTools protocol as Lighthouse does for "mobile" (1.6 Mbit/s, 150 ms there and back, CPU a quarter):
//   npm run build && node bench/phone.js [loads per page, default 3]
// Every load has an empty cache. Layout shift is that of loading and of scrolling to the end (web.dev/cls: good up to 0.1; largest
// paint good up to 2.5 s). CHROMIUM_PATH names another Chromium than the npm package's.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import packaged from '@sparticuz/chromium';
import { chromium } from 'playwright-core';
import { median, table } from './stack.js';

const LOADS = Number(process.argv[2] ?? 3);
const SIZE = { width: 390, height: 844 };
const NETWORK = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 94_000 };
const CPU_SLOWDOWN = 4;

const server = fork(fileURLToPath(new URL('./pages.js', import.meta.url)), ['serve'], { stdio: 'inherit' });
const { port, token } = await new Promise((resolve, reject) => {
  server.once('message', resolve);
  server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? (await packaged.executablePath()),
  args: ['--no-sandbox', '--no-zygote', '--disable-gpu'],
});
try {
  const rows = [];
  for (const [name, path, isSignedIn] of [
    ['home', '/', false],
    ['home, signed in', '/', true],
    ['film', '/film/casablanca-1942', false],
    ['film, signed in', '/film/casablanca-1942', true],
    ['Top 50', '/top', false],
    ['search', '/search?q=kurosawa', false],
  ]) {
    const loads = [];
    for (let i = 0; i < LOADS; i++) loads.push(await load(path, isSignedIn));
    const of = (what) => median(loads.map((one) => one[what]));
    rows.push({
      page: name,
      'first paint, ms': of('firstPaint').toFixed(0),
      'largest paint, ms': of('largestPaint').toFixed(0),
      'layout shift, worst': Math.max(...loads.map(({ shift }) => shift)).toFixed(3),
      'KB over the wire': (of('bytes') / 1000).toFixed(0),
      requests: of('requests'),
    });
  }
  console.log(table(rows));
} finally {
  await browser.close();
  server.kill('SIGTERM');
}

async function load(path, isSignedIn) {
  const context = await browser.newContext({ viewport: SIZE, isMobile: true, deviceScaleFactor: 2 });
  if (isSignedIn)
    await context.addCookies([{ name: 'matinee_viewer', value: token, url: `http://127.0.0.1:${port}` }]);
  const page = await context.newPage();
  const phone = await context.newCDPSession(page);
  await phone.send('Network.enable');
  await phone.send('Network.emulateNetworkConditions', NETWORK);
  await phone.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN });
  const sizes = [];
  phone.on('Network.loadingFinished', ({ encodedDataLength }) => sizes.push(encodedDataLength));
  await page.addInitScript(() => {
    window.seen = { firstPaint: 0, largestPaint: 0, shift: 0 };
    const observe = (type, hear) =>
      new PerformanceObserver((list) => list.getEntries().forEach(hear)).observe({ type, buffered: true });
    observe('paint', ({ name, startTime }) => {
      if (name === 'first-contentful-paint') window.seen.firstPaint = startTime;
    });
    observe('largest-contentful-paint', ({ startTime }) => (window.seen.largestPaint = startTime));
    observe('layout-shift', ({ value, hadRecentInput }) => {
      if (!hadRecentInput) window.seen.shift += value;
    });
  });
  await page.goto(`http://127.0.0.1:${port}${path}`, { waitUntil: 'load', timeout: 120_000 });
  await page.waitForTimeout(1500);
  await page.evaluate(async () => {
    for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
      scrollTo(0, y);
      await new Promise((painted) => setTimeout(painted, 100));
    }
  });
  const seen = await page.evaluate(() => window.seen);
  await context.close();
  return { ...seen, bytes: sizes.reduce((sum, size) => sum + size, 0), requests: sizes.length };
}
