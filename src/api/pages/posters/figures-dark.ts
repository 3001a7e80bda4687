import type { Random } from '../../../core/random/random.js';
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
  stroked,
  times,
  turned,
} from './drawing.js';
import type { Palette } from './palettes.js';

/** A figure fills a box of `w` × `h` on the poster's ground; what leaves the box is cut off. */
export type Figure = (random: Random, palette: Palette, w: number, h: number) => string;

const blinds: Figure = (random, { a, b }, w, h) => {
  const slats = Math.round(between(random, 7, 12));
  const pitch = (h * 1.5) / slats;
  const lit = times(slats, (i) =>
    rect(-w, -h * 0.25 + i * pitch, w * 3, pitch * between(random, 0.32, 0.5), a),
  );
  const x = w * between(random, 0.3, 0.62);
  const stranger =
    circle(x, h * 0.6, w * 0.1, b) +
    filled(
      `M${n(x - w * 0.19)} ${n(h * 0.55)}h${n(w * 0.38)}l${n(-w * 0.08)} ${n(-h * 0.045)}l${n(-w * 0.015)} ${n(-h * 0.1)}h${n(-w * 0.19)}l${n(-w * 0.015)} ${n(h * 0.1)}z`,
      b,
    ) +
    filled(
      `M${n(x - w * 0.26)} ${n(h)}c0 ${n(-h * 0.3)} ${n(w * 0.12)} ${n(-h * 0.27)} ${n(w * 0.26)} ${n(-h * 0.29)}c${n(w * 0.14)} ${n(h * 0.02)} ${n(w * 0.26)} 0 ${n(w * 0.26)} ${n(h * 0.29)}z`,
      b,
    );
  return turned(lit, between(random, -24, -12), w / 2, h / 2) + stranger;
};

const lamp: Figure = (random, { a, b, ink }, w, h) => {
  const x = w * between(random, 0.3, 0.7);
  const lean = between(random, -0.12, 0.12) * w;
  const floor = h * 0.82;
  return (
    rect(0, floor, w, h - floor, b) +
    polygon(
      [
        [x - 4, h * 0.16],
        [x + 4, h * 0.16],
        [x + w * 0.34 + lean, floor],
        [x - w * 0.34 + lean, floor],
      ],
      a,
    ) +
    `<ellipse cx="${n(x + lean)}" cy="${n(floor)}" rx="${n(w * 0.34)}" ry="${n(h * 0.06)}" fill="${a}"/>` +
    rect(x - 1.5, 0, 3, h * 0.16, ink) +
    person(x + lean + w * between(random, -0.12, 0.12), floor + h * 0.02, h * 0.3, b)
  );
};

/** A standing figure of height `t`, feet at (x, y). */
export function person(x: number, y: number, t: number, fill: string): string {
  const at = (dx: number, dy: number) => `${n(x + dx * t)} ${n(y - dy * t)}`;
  return (
    circle(x, y - t * 0.91, t * 0.085, fill) +
    filled(
      `M${at(-0.16, 0.76)}Q${at(0, 0.86)} ${at(0.16, 0.76)}L${at(0.19, 0.42)}L${at(0.13, 0.4)}L${at(0.13, 0)}H${n(x + t * 0.04)}L${at(0, 0.36)}L${at(-0.04, 0)}H${n(x - t * 0.13)}L${at(-0.13, 0.4)}L${at(-0.19, 0.42)}z`,
      fill,
    )
  );
}

const stairs: Figure = (random, { a, b }, w, h) => {
  const steps = Math.round(between(random, 5, 8));
  const rise = (h * 0.8) / steps;
  const run = w / steps;
  const treads = Array.from(
    { length: steps },
    (_, i) => `L${n(i * run)} ${n(h - (i + 1) * rise)}h${n(run)}`,
  ).join('');
  const shapes =
    filled(`M0 ${n(h)}${treads}L${n(w)} ${n(h)}z`, b) +
    times(steps, (i) => rect(i * run, h - (i + 1) * rise, run, rise * 0.14, a)) +
    person(run * (steps - between(random, 1.4, 3.4)), h * 0.2 + rise * 1.5, h * 0.26, a);
  return chance(random, 0.5) ? shapes : `<g transform="matrix(-1 0 0 1 ${n(w)} 0)">${shapes}</g>`;
};

const skyline: Figure = (random, { a, b }, w, h) => {
  const blocks = Math.round(between(random, 5, 8));
  const width = w / blocks;
  return times(blocks, (i) => {
    const top = h * between(random, 0.18, 0.62);
    const rows = Math.floor((h - top) / 12) - 1;
    const windows = times(rows * 2, (k) =>
      chance(random, 0.3)
        ? rect(
            i * width + width * (k % 2 === 0 ? 0.2 : 0.58),
            top + 8 + Math.floor(k / 2) * 12,
            width * 0.22,
            6,
            a,
          )
        : '',
    );
    return rect(i * width, top, width - 1.5, h - top, b) + windows;
  });
};

const spiral: Figure = (random, { a, b }, w, h) => {
  const [x, y] = [w * between(random, 0.4, 0.6), h * between(random, 0.42, 0.58)];
  const turns = between(random, 3.5, 5.5);
  const reach = Math.max(w, h) * 0.62;
  const arm = (phase: number) => {
    let d = '';
    for (let t = 0; t <= 1.0001; t += 0.0125) {
      const [px, py] = polar(x, y, reach * t ** 1.25, phase + 360 * turns * t);
      d += `${d === '' ? 'M' : 'L'}${n(px)} ${n(py)}`;
    }
    return d;
  };
  return stroked(arm(0), a, w * 0.035) + stroked(arm(180), b, w * 0.035) + circle(x, y, w * 0.035, a);
};

const tunnel: Figure = (random, { a, b, ink }, w, h) => {
  const [x, y] = [w * between(random, 0.3, 0.7), h * between(random, 0.35, 0.65)];
  const doors = 7;
  const frames = times(doors, (i) => {
    const s = 1 - i / doors;
    const [left, top] = [x - x * s * 1.05, y - y * s * 1.05];
    return rect(left, top, w * s * 1.05, h * s * 1.05, i % 2 === 0 ? b : a);
  });
  return frames + person(x, y + h * 0.11, h * 0.16, ink);
};

const keyhole: Figure = (random, { a, b }, w, h) => {
  const y = h * 0.4;
  const r = Math.min(w, h) * between(random, 0.2, 0.27);
  const hole = filled(
    `M${n(w / 2 - r * 0.45)} ${n(y)}L${n(w / 2 - r * 0.9)} ${n(h * 0.92)}H${n(w / 2 + r * 0.9)}L${n(w / 2 + r * 0.45)} ${n(y)}z`,
    a,
  );
  return (
    circle(w / 2, h * 0.5, Math.min(w, h) * 0.46, b) +
    hole +
    circle(w / 2, y, r, a) +
    person(w / 2, h * 0.92, h * between(random, 0.34, 0.46), b)
  );
};

const shards: Figure = (random, { a, b, ink }, w, h) => {
  const [x, y] = [w * between(random, 0.35, 0.65), h * between(random, 0.35, 0.6)];
  const cracks = times(11, (i) => {
    const angle = i * 33 + between(random, -9, 9);
    const [ax, ay] = polar(x, y, w * 1.3, angle);
    const [bx, by] = polar(x, y, w * 1.3, angle + between(random, 5, 14));
    return polygon(
      [
        [x, y],
        [ax, ay],
        [bx, by],
      ],
      [a, b, ink][i % 3] ?? a,
    );
  });
  return cracks + circle(x, y, w * 0.07, ink);
};

const woods: Figure = (random, { a, b, ink }, w, h) => {
  const trunks = Math.round(between(random, 6, 9));
  const [mx, my] = [w * between(random, 0.3, 0.7), h * 0.34];
  return (
    circle(mx, my, w * between(random, 0.16, 0.25), a) +
    times(trunks, (i) => {
      const x = (w / trunks) * (i + between(random, 0.2, 0.8));
      const t = between(random, 2, 7);
      const branch = (side: number, at: number) =>
        `M${n(x)} ${n(h * at)}l${n(side * between(random, 10, 26))} ${n(-h * between(random, 0.08, 0.18))}`;
      return (
        polygon(
          [
            [x - t * 0.4, -4],
            [x + t * 0.4, -4],
            [x + t, h],
            [x - t, h],
          ],
          i % 2 === 0 ? b : ink,
        ) +
        stroked(
          `${branch(1, between(random, 0.25, 0.5))}${branch(-1, between(random, 0.3, 0.6))}`,
          i % 2 === 0 ? b : ink,
          t * 0.5,
        )
      );
    })
  );
};

const eye: Figure = (random, { a, b, ink, ground }, w, h) => {
  const y = h * 0.5;
  const lid = h * between(random, 0.22, 0.34);
  const iris = lid * between(random, 0.62, 0.76);
  return (
    rays(w / 2, y, w, 16, b, between(random, 0, 20), 380) +
    filled(
      `M${n(w * 0.04)} ${n(y)}Q${n(w / 2)} ${n(y - lid * 1.75)} ${n(w * 0.96)} ${n(y)}Q${n(w / 2)} ${n(y + lid * 1.75)} ${n(w * 0.04)} ${n(y)}z`,
      ink,
    ) +
    circle(w / 2, y, iris, a) +
    circle(w / 2, y, iris * 0.48, ground) +
    circle(w / 2 + iris * 0.26, y - iris * 0.26, iris * 0.16, ink)
  );
};

const manor: Figure = (random, { a, b, ink }, w, h) => {
  const x = w * between(random, 0.3, 0.5);
  const gable = (left: number, width: number, top: number) =>
    filled(
      `M${n(left)} ${n(h)}V${n(top)}l${n(width / 2)} ${n(-width * 0.8)}l${n(width / 2)} ${n(width * 0.8)}V${n(h)}z`,
      b,
    );
  return (
    ring(w * 0.76, h * 0.22, w * 0.12, a, 3) +
    filled(`M0 ${n(h)}Q${n(w * 0.4)} ${n(h * 0.7)} ${n(w)} ${n(h * 0.86)}V${n(h)}z`, b) +
    gable(x - w * 0.13, w * 0.26, h * 0.55) +
    gable(x + w * 0.09, w * 0.17, h * 0.42) +
    rect(x + w * 0.15, h * 0.48, w * 0.05, h * 0.07, a) +
    person(x - w * 0.02, h * 0.98, h * 0.16, ink)
  );
};

export const NOIR: [Figure, ...Figure[]] = [blinds, lamp, stairs, skyline];
export const THRILLER: [Figure, ...Figure[]] = [spiral, tunnel, keyhole, shards, stairs];
export const HORROR: [Figure, ...Figure[]] = [woods, eye, manor, shards];
export { eye, skyline, stairs, spiral };
