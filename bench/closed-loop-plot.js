// The picture of bench/closed-loop.js: lift by seed and kind of viewer, and completions per session night by night.
import { average, interval } from './seed-statistics.js';

const WIDTH = 960;
const HEIGHT = 462;
/** Okabe–Ito colours: told apart by colour-blind readers. */
const COLOURS = { 'dot-product': '#0072b2', 'non-linear': '#d55e00', top: '#5b6470', personal: '#0072b2' };
const SLICES = [
  ['heavy', 'heavy (50 or more)'],
  ['medium', 'medium (10–49)'],
  ['light', 'light (below 10)'],
];

export function drawClosedLoop(results, variants) {
  const seeds = variants
    .map((name) => `${results.filter(({ variant }) => variant === name).length} (${name})`)
    .join(', ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" fill="#1f2430" role="img" aria-labelledby="t d">`,
    `<title id="t">Personal lists against the Top list in a closed loop</title>`,
    `<desc id="d">Left: change of completed films per session, by kind of viewer and variant, one dot a seed, with mean and 95 % interval. Right: completions per session of heavy viewers, night by night.</desc>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...lifts(results, variants, { x: 60, y: 60, width: 420, height: 300 }),
    ...nights(
      results.filter(({ variant }) => variant === variants[0]),
      { x: 560, y: 60, width: 370, height: 300 },
    ),
    text(
      60,
      HEIGHT - 14,
      `seeds: ${seeds}; simulated viewers; bars and bands: 95 % intervals over the seeds`,
      { fill: '#5b6470' },
    ),
    '</svg>\n',
  ].join('\n');
}

function lifts(results, variants, box) {
  const values = (variant, slice) =>
    results
      .filter((result) => result.variant === variant)
      .map(({ slices: { [slice]: s } }) => rate(s.personal) / rate(s.top) - 1);
  const all = variants.flatMap((variant) => SLICES.flatMap(([slice]) => values(variant, slice)));
  const high = Math.ceil(Math.max(0.4, ...all) * 10) / 10;
  const low = Math.floor(Math.min(-0.1, ...all) * 10) / 10;
  const y = (lift) => box.y + (box.height * (high - lift)) / (high - low);
  const step = high - low > 1.2 ? 0.4 : 0.2;
  const out = [
    text(box.x, 34, 'Completed films per session: personal lists against the Top list', { weight: 600 }),
  ];
  for (let lift = Math.ceil(low / step) * step; lift <= high + 1e-9; lift += step) {
    const isZero = Math.abs(lift) < 1e-9;
    out.push(line(box.x, y(lift), box.x + box.width, y(lift), isZero ? '#1f2430' : '#e3e6ea'));
    out.push(text(box.x - 8, y(lift) + 4, percent(lift), { anchor: 'end', fill: '#5b6470' }));
  }
  out.push(line(box.x, y(0.2), box.x + box.width, y(0.2), '#009e73', '5 4'));
  out.push(
    text(box.x + 4, y(0.2) + 15, 'wanted of heavy viewers: +20 %', {
      anchor: 'start',
      fill: '#00795a',
      size: 11,
    }),
  );
  SLICES.forEach(([slice, name], group) => {
    const centre = box.x + (box.width * (group + 0.5)) / SLICES.length;
    out.push(text(centre, box.y + box.height + 22, name, { anchor: 'middle' }));
    variants.forEach((variant, at) => {
      const x = centre + (at - (variants.length - 1) / 2) * 56;
      const own = values(variant, slice);
      own.forEach((lift, n) => {
        const aside = ((n * 7) % 11) - 5;
        out.push(
          `<circle cx="${r(x + aside * 1.6)}" cy="${r(y(lift))}" r="2.6" fill="${COLOURS[variant]}" fill-opacity="0.35"/>`,
        );
      });
      const bounds = interval(own);
      out.push(line(x, y(bounds.low), x, y(bounds.high), COLOURS[variant], '', 3));
      out.push(`<circle cx="${r(x)}" cy="${r(y(average(own)))}" r="5" fill="${COLOURS[variant]}"/>`);
      out.push(
        text(x + 14, y(average(own)) + 4, percent(average(own)), {
          fill: COLOURS[variant],
          size: 12,
          weight: 600,
        }),
      );
    });
  });
  variants.forEach((variant, at) => {
    const x = box.x + at * 130;
    out.push(`<circle cx="${x + 5}" cy="${HEIGHT - 40}" r="5" fill="${COLOURS[variant]}"/>`);
    out.push(text(x + 16, HEIGHT - 36, variant, {}));
  });
  return out;
}

function nights(results, box) {
  const count = results[0]?.byNight.top.length ?? 0;
  const series = Object.fromEntries(
    ['top', 'personal'].map((policy) => [
      policy,
      // Weeks, not days: a day of few viewers is noise.
      Array.from({ length: Math.floor(count / 5) }, (_, part) =>
        interval(results.map(({ byNight }) => rate(sum(byNight[policy].slice(part * 5, part * 5 + 5))))),
      ),
    ]),
  );
  const high =
    Math.max(
      ...Object.values(series)
        .flat()
        .map((bounds) => bounds.high),
    ) * 1.08;
  const y = (value) => box.y + box.height * (1 - value / high);
  const points = series.top.length;
  const x = (part) => box.x + (box.width * (part + 0.5)) / points;
  const out = [text(box.x, 34, 'Heavy viewers, five nights at a time', { weight: 600 })];
  for (let tick = 0; tick <= high; tick += high > 0.3 ? 0.1 : 0.05) {
    out.push(line(box.x, y(tick), box.x + box.width, y(tick), tick === 0 ? '#1f2430' : '#e3e6ea'));
    out.push(text(box.x - 8, y(tick) + 4, tick.toFixed(2), { anchor: 'end', fill: '#5b6470' }));
  }
  for (let part = 0; part < points; part += 1)
    out.push(text(x(part), box.y + box.height + 22, `${part * 5 + 1}–${part * 5 + 5}`, { anchor: 'middle' }));
  for (const [policy, bounds] of Object.entries(series)) {
    const upper = bounds.map(({ high: h }, part) => `${r(x(part))},${r(y(h))}`);
    const lower = bounds.map(({ low: l }, part) => `${r(x(part))},${r(y(l))}`).reverse();
    out.push(
      `<polygon points="${[...upper, ...lower].join(' ')}" fill="${COLOURS[policy]}" fill-opacity="0.14"/>`,
    );
    const means = bounds.map((b, part) => `${r(x(part))},${r(y((b.low + b.high) / 2))}`);
    out.push(
      `<polyline points="${means.join(' ')}" fill="none" stroke="${COLOURS[policy]}" stroke-width="2.5"/>`,
    );
    const last = bounds.at(-1);
    out.push(
      text(
        x(points - 1) + 4,
        y((last.low + last.high) / 2) - 14,
        policy === 'top' ? 'Top list' : 'personal',
        {
          anchor: 'middle',
          fill: COLOURS[policy],
          weight: 600,
        },
      ),
    );
  }
  out.push(
    text(box.x, HEIGHT - 36, `completions per session, ${results[0]?.variant ?? ''}`, { fill: '#5b6470' }),
  );
  return out;
}

function sum(totals) {
  const total = { sessions: 0, completions: 0 };
  for (const { sessions, completions } of totals) {
    total.sessions += sessions;
    total.completions += completions;
  }
  return total;
}

const rate = ({ completions, sessions }) => completions / sessions;
const r = (value) => Math.round(value * 10) / 10;
const percent = (share) => {
  const points = Math.abs(share * 100).toFixed(0);
  return points === '0' ? '0 %' : `${share < 0 ? '−' : '+'}${points} %`;
};

function line(x1, y1, x2, y2, stroke, dash = '', width = 1) {
  return `<line x1="${r(x1)}" y1="${r(y1)}" x2="${r(x2)}" y2="${r(y2)}" stroke="${stroke}" stroke-width="${width}"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}/>`;
}

function text(x, y, words, { anchor = 'start', fill = '#1f2430', size = 13, weight = 400 }) {
  return `<text x="${r(x)}" y="${r(y)}" text-anchor="${anchor}" fill="${fill}" font-size="${size}" font-weight="${weight}">${words}</text>`;
}
