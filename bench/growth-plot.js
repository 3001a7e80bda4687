// How two programs grow: for each size a pair of bars, CPU seconds, as multiples of their own at the base size.
const LEFT = 190;
const WIDTH = 470;
const ROW = 44;
const COLOURS = { ours: '#0072b2', theirs: '#d55e00' };

/** `rows`: { label, ours, theirs } in CPU seconds, the base first. */
export function drawGrowth(title, rows) {
  const [base] = rows;
  const most = Math.max(...rows.flatMap(({ ours, theirs }) => [ours / base.ours, theirs / base.theirs]));
  const height = 70 + rows.length * ROW;
  const bar = (y, seconds, times, fill) =>
    `<rect x="${LEFT}" y="${y}" width="${r((WIDTH * times) / most)}" height="14" fill="${fill}"/>` +
    `<text x="${r(LEFT + (WIDTH * times) / most + 6)}" y="${y + 12}" font-size="12">${times.toFixed(2)}× (${seconds.toFixed(seconds < 1 ? 2 : 1)} s)</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#1f2430" role="img" aria-labelledby="t">`,
    `<title id="t">${title}</title><rect width="800" height="${height}" fill="#ffffff"/>`,
    `<text x="16" y="26" font-weight="600">${title}</text>`,
    `<text x="16" y="46" fill="#5b6470"><tspan fill="${COLOURS.ours}">■</tspan> ours  <tspan fill="${COLOURS.theirs}">■</tspan> implicit; multiples of each one’s own base, CPU seconds in brackets</text>`,
    ...rows.flatMap(({ label, ours, theirs }, n) => [
      `<text x="${LEFT - 10}" y="${60 + n * ROW + 22}" text-anchor="end">${label}</text>`,
      bar(60 + n * ROW, ours, ours / base.ours, COLOURS.ours),
      bar(60 + n * ROW + 16, theirs, theirs / base.theirs, COLOURS.theirs),
    ]),
    '</svg>\n',
  ].join('\n');
}

const r = (value) => Math.round(value * 10) / 10;
