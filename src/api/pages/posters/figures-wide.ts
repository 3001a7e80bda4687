import { below } from '../../../core/random/random.js';
import {
  between,
  chance,
  circle,
  filled,
  n,
  polar,
  polygon,
  rays,
  rect,
  ring,
  star,
  stroked,
  times,
  turned,
} from './drawing.js';
import { type Figure, person } from './figures-dark.js';

const mesas: Figure = (random, { a, b, panel }, w, h) => {
  const [x, r] = [w * between(random, 0.28, 0.72), w * between(random, 0.2, 0.33)];
  const horizon = h * 0.72;
  const butte = (left: number, width: number, top: number, fill: string) =>
    filled(
      `M${n(left - width * 0.3)} ${n(horizon)}L${n(left)} ${n(top + (horizon - top) * 0.5)}L${n(left + width * 0.06)} ${n(top)}H${n(left + width * 0.9)}L${n(left + width)} ${n(top + (horizon - top) * 0.5)}L${n(left + width * 1.35)} ${n(horizon)}z`,
      fill,
    );
  return (
    circle(x, horizon - r * between(random, 0.3, 1), r, a) +
    butte(w * between(random, -0.05, 0.1), w * 0.24, h * between(random, 0.36, 0.5), b) +
    butte(w * between(random, 0.55, 0.68), w * 0.2, h * between(random, 0.42, 0.56), b) +
    rect(0, horizon, w, h, b) +
    polygon(
      [
        [w * 0.46, horizon],
        [w * 0.5, horizon],
        [w * between(random, 0.6, 0.95), h],
        [w * between(random, 0.1, 0.4), h],
      ],
      panel === b ? a : panel,
    )
  );
};

const lowSun: Figure = (random, { a, b }, w, h) => {
  const r = w * between(random, 0.36, 0.46);
  const y = h * between(random, 0.5, 0.62);
  const bars = Math.round(between(random, 4, 7));
  const horizon = y + r * 0.55;
  return (
    rays(w / 2, y, w * 1.3, 14, b, between(random, 0, 25), 385) +
    circle(w / 2, y, r, a) +
    rect(0, horizon, w, h, b) +
    times(bars, (i) =>
      rect(w / 2 - r * (1.1 - i * 0.14), horizon + 6 + i * 9, r * (2.2 - i * 0.28), 3.2, a),
    ) +
    person(w * between(random, 0.3, 0.7), horizon + 4, h * 0.34, b)
  );
};

const fence: Figure = (random, { a, b, ink }, w, h) => {
  const posts = 5;
  const horizon = h * between(random, 0.6, 0.7);
  return (
    star(w * between(random, 0.3, 0.7), h * 0.3, w * 0.2, w * 0.09, 5, a) +
    rect(0, horizon, w, h, b) +
    times(posts, (i) => {
      const t = ((i + 1) / posts) ** 1.8;
      return rect(w * (i / posts) + 4, horizon - h * 0.22 * t, 2 + 7 * t, h * 0.5 * t + 6, ink);
    }) +
    stroked(
      `M0 ${n(horizon - 3)}L${n(w)} ${n(horizon - h * 0.16)}M0 ${n(horizon + 2)}L${n(w)} ${n(horizon + h * 0.06)}`,
      ink,
      1.8,
    )
  );
};

const ranges: Figure = (random, { a, b, panel }, w, h) => {
  const ridge = (base: number, swing: number, peaks: number, fill: string) => {
    let d = `M0 ${n(h)}L0 ${n(base)}`;
    for (let i = 1; i <= peaks; i++) {
      const top = i % 2 === 1;
      d += `L${n((w / peaks) * i)} ${n(top ? base - swing * between(random, 0.6, 1.2) : base + swing * 0.1)}`;
    }
    return filled(`${d}L${n(w)} ${n(h)}z`, fill);
  };
  return (
    circle(w * between(random, 0.25, 0.75), h * 0.26, w * between(random, 0.12, 0.19), a) +
    ridge(h * 0.62, h * 0.32, 3 + 2 * below(random, 2), b) +
    ridge(h * 0.78, h * 0.22, 5 + 2 * below(random, 2), a) +
    ridge(h * 0.94, h * 0.15, 3, panel)
  );
};

export const sea: Figure = (random, { a, b, ink }, w, h) => {
  const level = h * between(random, 0.5, 0.62);
  const wave = (y: number, width: number, fill: string) => {
    const count = Math.ceil(w / width) + 1;
    const crests = Array.from(
      { length: count },
      () => `q${n(width / 4)} ${n(-width * 0.3)} ${n(width / 2)} 0t${n(width / 2)} 0`,
    ).join('');
    return filled(`M${n(-between(random, 0, width))} ${n(y)}${crests}V${n(h)}H${n(-w)}z`, fill);
  };
  const x = w * between(random, 0.35, 0.6);
  const sail = h * between(random, 0.3, 0.38);
  return (
    circle(w * between(random, 0.2, 0.8), h * 0.22, w * 0.12, a) +
    filled(
      `M${n(x)} ${n(level)}V${n(level - sail)}q${n(w * 0.26)} ${n(sail * 0.5)} ${n(w * 0.2)} ${n(sail * 0.9)}z`,
      ink,
    ) +
    filled(
      `M${n(x - 4)} ${n(level)}V${n(level - sail * 0.8)}q${n(-w * 0.16)} ${n(sail * 0.4)} ${n(-w * 0.13)} ${n(sail * 0.7)}z`,
      a,
    ) +
    filled(
      `M${n(x - w * 0.2)} ${n(level + 2)}h${n(w * 0.44)}l${n(-w * 0.07)} ${n(h * 0.07)}h${n(-w * 0.3)}z`,
      ink,
    ) +
    wave(level + h * 0.06, w * 0.3, b) +
    wave(level + h * 0.2, w * 0.42, a) +
    wave(level + h * 0.34, w * 0.36, b)
  );
};

const compass: Figure = (random, { a, b, ink }, w, h) => {
  const r = Math.min(w, h) * 0.42;
  const [x, y] = [w / 2, h / 2];
  return turned(
    ring(x, y, r * 0.98, b, 3) +
      times(24, (i) => {
        const [ax, ay] = polar(x, y, r * 0.88, i * 15);
        const [bx, by] = polar(x, y, r * 0.98, i * 15);
        return stroked(`M${n(ax)} ${n(ay)}L${n(bx)} ${n(by)}`, b, 1.6);
      }) +
      star(x, y, r * 0.62, r * 0.14, 8, b) +
      star(x, y, r * 0.92, r * 0.2, 4, a) +
      circle(x, y, r * 0.08, ink),
    between(random, -20, 20),
    x,
    y,
  );
};

const wedges: Figure = (random, { a, b, ink }, w, h) => {
  const x = w * between(random, 0.55, 0.7);
  const r = Math.min(w, h) * 0.3;
  const shapes =
    circle(x, h * 0.46, r, b) +
    polygon(
      [
        [-w * 0.1, h * between(random, -0.1, 0.2)],
        [-w * 0.1, h * between(random, 0.75, 1)],
        [x + r * 0.3, h * 0.46],
      ],
      a,
    ) +
    times(4, (i) =>
      rect(-w * 0.1, h * (0.86 + i * 0.06), w * between(random, 0.5, 1.3), 3, i % 2 === 0 ? ink : a),
    );
  return turned(shapes, between(random, -22, 4), w / 2, h / 2);
};

const searchlights: Figure = (random, { a, b, ink }, w, h) => {
  const beams = 3 + below(random, 2);
  const light = times(beams, (i) => {
    const x = (w / beams) * (i + 0.5);
    const lean = between(random, -0.5, 0.5) * w;
    return polygon(
      [
        [x - 2, h * 0.9],
        [x + 2, h * 0.9],
        [x + lean + w * 0.12, -4],
        [x + lean - w * 0.12, -4],
      ],
      i % 2 === 0 ? a : b,
    );
  });
  return (
    light +
    filled(
      `M0 ${n(h)}V${n(h * 0.88)}q${n(w * 0.25)} ${n(-h * 0.07)} ${n(w * 0.5)} 0t${n(w * 0.5)} 0V${n(h)}z`,
      ink,
    )
  );
};

const columns: Figure = (random, { a, b, ink }, w, h) => {
  const count = 5 + below(random, 3);
  const bottom = h * 0.9;
  const flip = chance(random, 0.5) ? a : b;
  return (
    circle(w / 2, h * 0.24, w * between(random, 0.28, 0.4), flip === a ? b : a) +
    times(count, (i) => {
      const width = w / count;
      const broken = chance(random, 0.22) ? h * between(random, 0.15, 0.4) : 0;
      return rect(i * width + width * 0.24, h * 0.3 + broken, width * 0.52, bottom - h * 0.3 - broken, ink);
    }) +
    rect(0, bottom, w, h, flip)
  );
};

export const arches: Figure = (random, { a, b, panel }, w, h) => {
  const count = 5;
  const x = w * between(random, 0.42, 0.58);
  return times(count, (i) => {
    const half = w * 0.48 * (1 - i / count);
    const top = h * (0.08 + i * 0.15);
    return filled(
      `M${n(x - half)} ${n(h)}V${n(top + half)}a${n(half)} ${n(half)} 0 0 1 ${n(half * 2)} 0V${n(h)}z`,
      [b, a, panel][i % 3] ?? a,
    );
  });
};

const medal: Figure = (random, { a, b, ink }, w, h) => {
  const r = Math.min(w, h) * 0.4;
  const petals = 10 + 2 * below(random, 5);
  return (
    star(w / 2, h / 2, r * 1.1, r * 0.92, petals * 2, b) +
    circle(w / 2, h / 2, r * 0.84, a) +
    ring(w / 2, h / 2, r * 0.72, ink, 1.5) +
    star(w / 2, h / 2, r * 0.6, r * 0.3, petals, ink) +
    circle(w / 2, h / 2, r * 0.24, a)
  );
};

export const WESTERN: [Figure, ...Figure[]] = [mesas, lowSun, fence];
export const ADVENTURE: [Figure, ...Figure[]] = [ranges, sea, compass];
export const WAR: [Figure, ...Figure[]] = [wedges, searchlights, lowSun];
export const HISTORY: [Figure, ...Figure[]] = [columns, arches, medal];
export { lowSun, ranges, searchlights };
