import { below } from '../../../core/random/random.js';
import {
  between,
  chance,
  circle,
  filled,
  n,
  oneOf,
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
import type { Figure } from './figures-dark.js';

const record: Figure = (random, { a, b, ink }, w, h) => {
  const [x, y] = [w * between(random, 0.35, 0.65), h * between(random, 0.4, 0.6)];
  const r = Math.max(w, h) * 0.46;
  const bands = times(5, (i) => circle(x, y, r * (1 - i * 0.17), i % 2 === 0 ? a : b));
  return bands + circle(x, y, r * 0.13, ink);
};

const staves: Figure = (random, { a, b, ink }, w, h) => {
  const swing = h * between(random, 0.08, 0.2) * (chance(random, 0.5) ? 1 : -1);
  const line = (y: number) =>
    `M-4 ${n(y)}C${n(w * 0.33)} ${n(y - swing)} ${n(w * 0.66)} ${n(y + swing)} ${n(w + 4)} ${n(y)}`;
  const lines = times(5, (i) => stroked(line(h * (0.3 + i * 0.1)), b, 2.4));
  const notes = times(4, (i) => {
    const x = w * (0.16 + i * 0.23);
    const y = h * between(random, 0.34, 0.7);
    return (
      `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(w * 0.075)}" ry="${n(w * 0.055)}" fill="${i % 2 === 0 ? a : ink}" transform="rotate(-18 ${n(x)} ${n(y)})"/>` +
      stroked(`M${n(x + w * 0.065)} ${n(y)}v${n(-h * 0.24)}`, i % 2 === 0 ? a : ink, 3)
    );
  });
  return lines + notes;
};

const spotlights: Figure = (random, { a, b, ink }, w, h) => {
  const x = w * between(random, 0.35, 0.65);
  const floor = h * 0.82;
  const beam = (from: number, fill: string) =>
    polygon(
      [
        [from - 4, -4],
        [from + 4, -4],
        [x + w * 0.24, floor],
        [x - w * 0.24, floor],
      ],
      fill,
    );
  const leg = w * 0.085;
  const dancer =
    circle(x, floor - h * 0.43, w * 0.05, ink) +
    filled(
      `M${n(x - w * 0.05)} ${n(floor - h * 0.36)}h${n(w * 0.1)}l${n(w * 0.13)} ${n(h * 0.2)}h${n(-w * 0.36)}z`,
      ink,
    ) +
    stroked(
      `M${n(x - leg * 0.4)} ${n(floor - h * 0.17)}L${n(x - leg)} ${n(floor)}M${n(x + leg * 0.4)} ${n(floor - h * 0.17)}L${n(x + leg * 1.9)} ${n(floor - h * 0.07)}M${n(x)} ${n(floor - h * 0.34)}L${n(x - w * 0.17)} ${n(floor - h * 0.47)}M${n(x)} ${n(floor - h * 0.34)}L${n(x + w * 0.18)} ${n(floor - h * 0.42)}`,
      ink,
      3.2,
    );
  return (
    beam(w * between(random, 0, 0.2), a) +
    beam(w * between(random, 0.8, 1), b) +
    `<ellipse cx="${n(x)}" cy="${n(floor)}" rx="${n(w * 0.25)}" ry="${n(h * 0.055)}" fill="${a}"/>` +
    dancer
  );
};

export const fans: Figure = (random, { a, b, ink }, w, h) => {
  const r = w / between(random, 3.2, 4.4);
  const rows = Math.ceil(h / (r * 0.8)) + 1;
  const columns = Math.ceil(w / (r * 2)) + 2;
  return times(rows * columns, (k) => {
    const [row, column] = [Math.floor(k / columns), k % columns];
    const [x, y] = [column * r * 2 - (row % 2) * r, row * r * 0.8 + r * 0.6];
    return circle(x, y, r, [a, b, ink][row % 3] ?? a) + circle(x, y, r * 0.62, [b, ink, a][row % 3] ?? b);
  });
};

const balance: Figure = (random, { a, b, ink }, w, h) => {
  let y = h * 0.95;
  const x = w / 2;
  return times(5, (i) => {
    const size = w * (0.4 - i * 0.05) * between(random, 0.85, 1.1);
    const tall = Math.min(size * oneOf(random, [0.42, 0.6, 0.8]), h * 0.22);
    y -= tall;
    const dx = between(random, -0.1, 0.1) * w;
    const fill = [a, b, ink][(i + below(random, 2)) % 3] ?? a;
    const at = x + dx;
    const shape = [
      rect(at - size / 2, y, size, tall, fill),
      `<ellipse cx="${n(at)}" cy="${n(y + tall / 2)}" rx="${n(size / 2)}" ry="${n(tall / 2)}" fill="${fill}"/>`,
      polygon(
        [
          [at - size / 2, y + tall],
          [at + size / 2, y + tall],
          [at + size * 0.1, y],
          [at - size * 0.1, y],
        ],
        fill,
      ),
      filled(`M${n(at - size / 2)} ${n(y + tall)}a${n(size / 2)} ${n(tall)} 0 0 1 ${n(size)} 0z`, fill),
    ][below(random, 4)];
    return turned(shape ?? '', between(random, -7, 7), at, y + tall / 2);
  });
};

const dots: Figure = (random, { a, b }, w, h) => {
  const columns = 4 + below(random, 3);
  const pitch = w / columns;
  const rows = Math.ceil(h / pitch);
  const odd = below(random, rows * columns);
  return times(rows * columns, (k) => {
    const [row, column] = [Math.floor(k / columns), k % columns];
    const [x, y] = [pitch * (column + 0.5), pitch * (row + 0.5)];
    if (k === odd) return star(x, y, pitch * 0.62, pitch * 0.3, 7, a);
    return circle(x, y, pitch * 0.34, b);
  });
};

const hat: Figure = (random, { a, b, ink }, w, h) => {
  const tilt = between(random, -16, 16);
  const [x, y] = [w / 2, h * 0.46];
  const bowler =
    filled(`M${n(x - w * 0.24)} ${n(y)}a${n(w * 0.24)} ${n(w * 0.26)} 0 0 1 ${n(w * 0.48)} 0z`, ink) +
    rect(x - w * 0.24, y - h * 0.045, w * 0.48, h * 0.045, a) +
    `<ellipse cx="${n(x)}" cy="${n(y + 3)}" rx="${n(w * 0.37)}" ry="${n(h * 0.038)}" fill="${ink}"/>`;
  return (
    circle(x, h * 0.52, Math.min(w, h) * 0.44, b) +
    turned(bowler, tilt, x, y) +
    filled(
      `M${n(x - w * 0.13)} ${n(h * 0.72)}q${n(w * 0.065)} ${n(-h * 0.09)} ${n(w * 0.13)} ${n(-h * 0.02)}q${n(w * 0.065)} ${n(-h * 0.07)} ${n(w * 0.13)} ${n(h * 0.02)}q${n(-w * 0.07)} ${n(h * 0.035)} ${n(-w * 0.13)} ${n(h * 0.01)}q${n(-w * 0.06)} ${n(h * 0.025)} ${n(-w * 0.13)} ${n(-h * 0.01)}z`,
      ink,
    )
  );
};

const pair: Figure = (random, { a, b, ink }, w, h) => {
  const r = Math.min(w, h) * between(random, 0.27, 0.34);
  const gap = r * between(random, 0.5, 0.75);
  const tilt = between(random, -35, 35);
  const [x, y] = [w / 2, h / 2];
  const tall = Math.sqrt(r * r - gap * gap);
  const lens = filled(
    `M${n(x)} ${n(y - tall)}A${n(r)} ${n(r)} 0 0 1 ${n(x)} ${n(y + tall)}A${n(r)} ${n(r)} 0 0 1 ${n(x)} ${n(y - tall)}z`,
    ink,
  );
  return turned(circle(x - gap, y, r, a) + circle(x + gap, y, r, b) + lens, tilt, x, y);
};

const ribbons: Figure = (random, { a, b, ink }, w, h) => {
  const swing = w * between(random, 0.22, 0.34);
  const waves = between(random, 1.2, 2.2);
  const strand = (phase: number) => {
    let d = '';
    for (let t = -0.05; t <= 1.06; t += 0.05)
      d += `${d === '' ? 'M' : 'L'}${n(w / 2 + swing * Math.sin(phase + t * Math.PI * 2 * waves))} ${n(h * t)}`;
    return d;
  };
  const phase = between(random, 0, 6);
  return (
    stroked(strand(phase), a, w * 0.11) +
    stroked(strand(phase + Math.PI), b, w * 0.11) +
    stroked(strand(phase), ink, 1.4)
  );
};

export const heart: Figure = (random, { a, b, ink }, w, h) => {
  const s = Math.min(w, h) * between(random, 0.34, 0.42);
  const [x, y] = [w / 2, h * 0.46];
  const half = (side: number, fill: string) =>
    filled(
      `M${n(x)} ${n(y + s)}C${n(x + side * s * 1.5)} ${n(y + s * 0.1)} ${n(x + side * s * 1.15)} ${n(y - s)} ${n(x + side * s * 0.5)} ${n(y - s * 0.8)}Q${n(x + side * s * 0.12)} ${n(y - s * 0.7)} ${n(x)} ${n(y - s * 0.35)}z`,
      fill,
    );
  return turned(
    half(-1, a) + half(1, b) + stroked(`M${n(x)} ${n(y - s * 0.35)}V${n(y + s)}`, ink, 1.6),
    between(random, -14, 14),
    x,
    y,
  );
};

const hills: Figure = (random, { a, b, panel, ink }, w, h) => {
  const hill = (base: number, fill: string) => {
    const bend = w * between(random, 0.2, 0.7);
    return filled(
      `M0 ${n(h)}V${n(base)}Q${n(bend)} ${n(base - h * between(random, 0.12, 0.3))} ${n(w)} ${n(base + h * between(random, -0.06, 0.06))}V${n(h)}z`,
      fill,
    );
  };
  const x = w * between(random, 0.25, 0.7);
  return (
    star(w * (x < w / 2 ? 0.74 : 0.26), h * 0.25, w * 0.17, w * 0.12, 12, a) +
    hill(h * 0.62, b) +
    filled(
      `M${n(x)} ${n(h * 0.7)}v${n(-h * 0.14)}l${n(w * 0.08)} ${n(-h * 0.08)}l${n(w * 0.08)} ${n(h * 0.08)}v${n(h * 0.14)}z`,
      ink,
    ) +
    hill(h * 0.78, panel) +
    hill(h * 0.93, a)
  );
};

const kites: Figure = (random, { a, b, ink, panel }, w, h) =>
  times(5, (i) => {
    const [x, y] = [w * (0.14 + i * 0.18), h * between(random, 0.14, 0.55)];
    const r = w * between(random, 0.07, 0.11);
    return (
      stroked(
        `M${n(x)} ${n(y + r)}q${n(between(random, -14, 14))} ${n(h * 0.25)} ${n(w / 2 - x)} ${n(h - y)}`,
        ink,
        1.1,
      ) +
      `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(r)}" ry="${n(r * 1.2)}" fill="${[a, b, panel][i % 3] ?? a}"/>`
    );
  });

const cutouts: Figure = (random, { a, b, ink, panel }, w, h) =>
  times(15, (i) => {
    const [x, y] = [(i % 3) * (w / 3) + w / 6, Math.floor(i / 3) * (h / 5) + h / 10];
    const s = Math.min(w / 3, h / 5) * 0.42;
    const fill = [a, b, panel, ink][below(random, 4)] ?? a;
    const shape = [
      circle(x, y, s, fill),
      rect(x - s, y - s, s * 2, s * 2, fill),
      star(x, y, s * 1.1, s * 0.5, 5, fill),
      filled(`M${n(x - s)} ${n(y + s)}a${n(s)} ${n(s * 1.9)} 0 0 1 ${n(s * 2)} 0z`, fill),
      filled(`M${n(x - s)} ${n(y - s)}h${n(s * 2)}L${n(x)} ${n(y + s)}z`, fill),
      ring(x, y, s * 0.75, fill, s * 0.5),
    ][below(random, 6)];
    return turned(shape ?? '', 90 * below(random, 4), x, y);
  });

export const castle: Figure = (random, { a, b, ink }, w, h) => {
  const towers = 3 + below(random, 3);
  const moon = polar(w / 2, h * 0.42, w * 0.3, between(random, -60, 60));
  return (
    rays(moon[0], moon[1], w * 1.4, 18, b, 0, 360) +
    circle(moon[0], moon[1], w * 0.14, a) +
    times(towers, (i) => {
      const width = w / (towers + 1);
      const x = width * (i + 0.5);
      const top = h * between(random, 0.42, 0.66);
      return (
        rect(x + width * 0.12, top, width * 0.76, h - top, ink) +
        polygon(
          [
            [x, top],
            [x + width, top],
            [x + width / 2, top - h * 0.17],
          ],
          a,
        ) +
        rect(x + width * 0.42, top + h * 0.08, width * 0.16, h * 0.06, a)
      );
    })
  );
};

export const MUSICAL: [Figure, ...Figure[]] = [record, staves, spotlights, fans];
export const COMEDY: [Figure, ...Figure[]] = [balance, dots, hat];
export const ROMANCE: [Figure, ...Figure[]] = [pair, ribbons, heart];
export const FAMILY: [Figure, ...Figure[]] = [hills, kites, cutouts];
export const FANTASY: [Figure, ...Figure[]] = [castle, fans, hills];
