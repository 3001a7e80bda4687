import { below } from '../../../core/random/random.js';
import {
  between,
  chance,
  circle,
  filled,
  n,
  polar,
  polygon,
  rect,
  ring,
  stroked,
  times,
  turned,
} from './drawing.js';
import { type Figure, person } from './figures-dark.js';

const cutPaper: Figure = (random, { a, b, ink }, w, h) => {
  const strips = 4 + below(random, 2);
  return times(strips, (i) => {
    const x = (w / strips) * i;
    const width = w / strips;
    const [top, bottom] = [h * between(random, 0, 0.35), h * between(random, 0.62, 1)];
    const wobble = () => between(random, -5, 5);
    return polygon(
      [
        [x + 2 + wobble() * 0.3, top + wobble()],
        [x + width - 2, top + wobble()],
        [x + width - 2 + wobble() * 0.3, bottom + wobble()],
        [x + 3, bottom + wobble()],
      ],
      [a, b, ink][(i + below(random, 2)) % 3] ?? a,
    );
  });
};

export const doorway: Figure = (random, { a, b, ink }, w, h) => {
  const x = w * between(random, 0.4, 0.6);
  const half = w * 0.13;
  const [top, floor] = [h * 0.18, h * 0.66];
  const lean = w * between(random, -0.25, 0.25);
  return (
    rect(0, floor, w, h, b) +
    rect(x - half, top, half * 2, floor - top, a) +
    polygon(
      [
        [x - half, floor],
        [x + half, floor],
        [x + half * 2.6 + lean, h],
        [x - half * 2.6 + lean, h],
      ],
      a,
    ) +
    person(x + between(random, -4, 4), floor + 2, h * 0.36, ink)
  );
};

const horizonLine: Figure = (random, { a, b, ink }, w, h) => {
  const y = h * between(random, 0.56, 0.74);
  const r = w * between(random, 0.14, 0.28);
  const x = w * between(random, 0.25, 0.75);
  return (
    filled(`M${n(x - r)} ${n(y)}a${n(r)} ${n(r)} 0 0 1 ${n(r * 2)} 0z`, a) +
    times(6, (i) => rect(0, y + (h - y) * (i / 6) ** 1.4, w, 1.4 + i * 1.1, i % 2 === 0 ? b : ink)) +
    person(w - x, y + 2, h * between(random, 0.16, 0.24), ink)
  );
};

const frames: Figure = (random, { a, b, panel }, w, h) => {
  const [x, y] = [w * between(random, 0.35, 0.65), h * between(random, 0.35, 0.65)];
  const shapes = times(6, (i) => {
    const s = 1 - i / 6;
    return rect(x - x * s, y - y * s, w * s, h * s, [a, b, panel][i % 3] ?? a);
  });
  return chance(random, 0.5) ? turned(shapes, between(random, -8, 8), w / 2, h / 2) : shapes;
};

const stones: Figure = (random, { a, b, ink }, w, h) => {
  const rows = 3;
  return times(rows, (i) => {
    const r = w * between(random, 0.16, 0.24);
    const x = w * (i % 2 === 0 ? between(random, 0.22, 0.42) : between(random, 0.55, 0.78));
    return `<ellipse cx="${n(x)}" cy="${n(h * (0.2 + i * 0.3))}" rx="${n(r * 1.25)}" ry="${n(r)}" fill="${[a, b, ink][i] ?? a}" transform="rotate(${n(between(random, -30, 30))} ${n(x)} ${n(h * (0.2 + i * 0.3))})"/>`;
  });
};

const faces: Figure = (random, { a, b }, w, h) => {
  // Two profiles that look at each other, or away: the vase between them is the third shape.
  const nose = between(random, 0.1, 0.16);
  const profile = (side: number, fill: string) => {
    const x = (at: number) => n(w / 2 + side * w * at);
    return filled(
      `M${x(0.52)} 0L${x(0.2)} 0C${x(0.24)} ${n(h * 0.16)} ${x(0.2)} ${n(h * 0.24)} ${x(0.19)} ${n(h * 0.32)}L${x(nose * 0.75)} ${n(h * 0.46)}L${x(0.17)} ${n(h * 0.5)}L${x(0.14)} ${n(h * 0.56)}L${x(0.18)} ${n(h * 0.59)}L${x(0.15)} ${n(h * 0.65)}C${x(0.14)} ${n(h * 0.78)} ${x(0.2)} ${n(h * 0.78)} ${x(0.3)} ${n(h * 0.8)}L${x(0.28)} ${n(h)}L${x(0.52)} ${n(h)}z`,
      fill,
    );
  };
  return profile(1, a) + profile(-1, b);
};

const planet: Figure = (random, { a, b, ink }, w, h) => {
  const [x, y, r] = [
    w * between(random, 0.4, 0.6),
    h * between(random, 0.42, 0.56),
    w * between(random, 0.2, 0.28),
  ];
  const tilt = between(random, -32, -10) * (chance(random, 0.5) ? 1 : -1);
  const orbit = (k: number, width: number) =>
    `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(r * k)}" ry="${n(r * k * 0.28)}" fill="none" stroke="${b}" stroke-width="${n(width)}"/>`;
  const front = `M${n(x - r * 1.75)} ${n(y)}A${n(r * 1.75)} ${n(r * 0.49)} 0 0 0 ${n(x + r * 1.75)} ${n(y)}`;
  return (
    times(22, () => circle(between(random, 0, w), between(random, 0, h), between(random, 0.5, 1.5), ink)) +
    turned(orbit(1.75, 5) + circle(x, y, r, a) + stroked(front, b, 5) + orbit(2.3, 1.4), tilt, x, y)
  );
};

const orbits: Figure = (random, { a, b, ink }, w, h) => {
  const [x, y] = [w * between(random, 0.2, 0.8), h * between(random, 0.7, 0.95)];
  return (
    times(7, (i) => ring(x, y, w * (0.22 + i * 0.15), b, i === 3 ? 4 : 1.3)) +
    times(4, (i) => {
      const [px, py] = polar(x, y, w * (0.22 + (i * 2 - (i > 1 ? 1 : 0)) * 0.15), between(random, -50, 50));
      return circle(px, py, w * between(random, 0.025, 0.07), i % 2 === 0 ? a : ink);
    }) +
    circle(x, y, w * 0.13, a)
  );
};

const plain: Figure = (random, { a, b }, w, h) => {
  const horizon = h * between(random, 0.52, 0.64);
  const r = w * between(random, 0.22, 0.32);
  const lines = 9;
  return (
    circle(w / 2, horizon - r * 0.3, r, a) +
    times(5, (i) => rect(w / 2 - r, horizon - r * 0.3 + i * 8 - 6, r * 2, 2 + i * 0.7, b)) +
    rect(0, horizon, w, h, b) +
    times(lines, (i) => {
      const x = (i - (lines - 1) / 2) * (w / 6);
      return stroked(`M${n(w / 2 + x * 0.25)} ${n(horizon)}L${n(w / 2 + x * 2.2)} ${n(h)}`, a, 1.2);
    }) +
    times(5, (i) => rect(0, horizon + (h - horizon) * ((i + 1) / 5) ** 1.9, w, 1.2, a))
  );
};

const rocket: Figure = (random, { a, b, ink }, w, h) => {
  const [x, y] = [w / 2, h * 0.46];
  const s = h * 0.3;
  const body =
    filled(
      `M${n(x)} ${n(y - s)}q${n(s * 0.42)} ${n(s * 0.62)} ${n(s * 0.26)} ${n(s * 1.5)}h${n(-s * 0.52)}q${n(-s * 0.16)} ${n(-s * 0.88)} ${n(s * 0.26)} ${n(-s * 1.5)}z`,
      ink,
    ) +
    filled(
      `M${n(x - s * 0.27)} ${n(y + s * 0.05)}l${n(-s * 0.24)} ${n(s * 0.5)}h${n(s * 0.24)}zM${n(x + s * 0.27)} ${n(y + s * 0.05)}l${n(s * 0.24)} ${n(s * 0.5)}h${n(-s * 0.24)}z`,
      b,
    ) +
    circle(x, y - s * 0.28, s * 0.11, a) +
    filled(`M${n(x - s * 0.18)} ${n(y + s * 0.55)}h${n(s * 0.36)}l${n(-s * 0.18)} ${n(s * 0.8)}z`, a);
  return (
    times(26, () => circle(between(random, 0, w), between(random, 0, h), between(random, 0.5, 1.6), b)) +
    turned(body, between(random, -8, 42), x, y)
  );
};

const reel: Figure = (random, { a, b, ink }, w, h) => {
  const r = Math.min(w, h) * 0.4;
  const [x, y] = [w / 2, h / 2];
  const holes = 5 + below(random, 3);
  return (
    circle(x, y, r, a) +
    times(holes, (i) => {
      const [px, py] = polar(x, y, r * 0.58, (360 / holes) * i + between(random, 0, 4));
      return circle(px, py, r * 0.22, b);
    }) +
    circle(x, y, r * 0.12, ink)
  );
};

export const DRAMA: [Figure, ...Figure[]] = [cutPaper, doorway, horizonLine, frames, stones, faces];
export const SCIENCE_FICTION: [Figure, ...Figure[]] = [planet, orbits, plain, rocket];
export const DOCUMENTARY: [Figure, ...Figure[]] = [reel, frames];
export { planet, rocket };
