import { below } from '../../../core/random/random.js';
import {
  between,
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
import { type Figure, person } from './figures-dark.js';

/** Made things that a title may name, and numbers (motifs.ts). */

export const window: Figure = (random, { a, b, ink }, w, h) => {
  const [columns, rows] = [3 + below(random, 2), 4];
  const [cw, ch] = [w / columns, h / rows];
  const lit = below(random, columns * rows);
  return times(columns * rows, (k) => {
    const [x, y] = [(k % columns) * cw, Math.floor(k / columns) * ch];
    const pane = rect(x + cw * 0.18, y + ch * 0.16, cw * 0.64, ch * 0.68, k === lit ? a : b);
    const bars = stroked(
      `M${n(x + cw / 2)} ${n(y + ch * 0.16)}v${n(ch * 0.68)}M${n(x + cw * 0.18)} ${n(y + ch / 2)}h${n(cw * 0.64)}`,
      ink,
      1,
    );
    return k === lit ? pane + person(x + cw * 0.5, y + ch * 0.84, ch * 0.5, ink) : pane + bars;
  });
};

export const train: Figure = (random, { a, b, ink }, w, h) => {
  const [x, y] = [w * between(random, 0.42, 0.58), h * 0.3];
  const sleepers = times(9, (i) => {
    const t = ((i + 1) / 9) ** 1.7;
    return rect(x - w * 0.62 * t, y + (h - y) * t - 2, w * 1.24 * t, 1.5 + 6 * t, b);
  });
  const rails =
    polygon(
      [
        [x - 1, y],
        [x + 0.5, y],
        [x - w * 0.33, h],
        [x - w * 0.42, h],
      ],
      ink,
    ) +
    polygon(
      [
        [x - 0.5, y],
        [x + 1, y],
        [x + w * 0.42, h],
        [x + w * 0.33, h],
      ],
      ink,
    );
  const s = w * 0.16;
  const engine =
    filled(
      `M${n(x - s)} ${n(y + s * 1.5)}V${n(y - s * 0.4)}a${n(s)} ${n(s)} 0 0 1 ${n(s * 2)} 0V${n(y + s * 1.5)}l${n(s * 0.4)} ${n(s * 0.5)}h${n(-s * 2.8)}z`,
      ink,
    ) +
    circle(x, y - s * 0.1, s * 0.5, a) +
    rect(x - s * 0.3, y - s * 2.1, s * 0.6, s, ink);
  const smoke = times(4, (i) =>
    circle(
      x + i * i * w * 0.035 + i * 4,
      y - s * 2.3 - i * h * 0.05,
      w * (0.05 + i * 0.028),
      i % 2 === 0 ? b : a,
    ),
  );
  return sleepers + rails + smoke + engine;
};

export const road: Figure = (random, { a, b, ink }, w, h) => {
  const [x, y] = [w * between(random, 0.25, 0.75), h * between(random, 0.3, 0.42)];
  return (
    circle(x, y, w * 0.17, a) +
    rect(0, y, w, h, b) +
    polygon(
      [
        [x - 1.5, y],
        [x + 1.5, y],
        [w * 0.95, h],
        [w * 0.05, h],
      ],
      ink,
    ) +
    times(5, (i) => {
      const [t, u] = [(i / 5) ** 1.8 + 0.03, ((i + 0.55) / 5) ** 1.8 + 0.03];
      const [cx, cu] = [x + (w / 2 - x) * t, x + (w / 2 - x) * u];
      return polygon(
        [
          [cx - w * 0.02 * t, y + (h - y) * t],
          [cx + w * 0.02 * t, y + (h - y) * t],
          [cu + w * 0.03 * u, y + (h - y) * u],
          [cu - w * 0.03 * u, y + (h - y) * u],
        ],
        a,
      );
    })
  );
};

export const wheel: Figure = (random, { a, b, ink }, w, h) => {
  const r = Math.min(w, h) * between(random, 0.36, 0.42);
  const [x, y] = [w / 2, h / 2];
  const spokes = 9 + below(random, 8);
  const d = times(spokes, (i) => {
    const [px, py] = polar(x, y, r, (360 / spokes) * i);
    return `M${n(x)} ${n(y)}L${n(px)} ${n(py)}`;
  });
  return stroked(d, b, 2.2) + ring(x, y, r, ink, 7) + ring(x, y, r * 0.88, a, 2) + circle(x, y, r * 0.16, a);
};

export const clock: Figure = (random, { a, b, ink, ground }, w, h) => {
  const r = Math.min(w, h) * 0.42;
  const [x, y] = [w / 2, h / 2];
  const hand = (length: number, width: number, at: number) => {
    const [px, py] = polar(x, y, length, at);
    return stroked(`M${n(x)} ${n(y)}L${n(px)} ${n(py)}`, ground, width);
  };
  const ticks = times(12, (i) => {
    const [px, py] = polar(x, y, r * 0.82, i * 30);
    return circle(px, py, i % 3 === 0 ? r * 0.065 : r * 0.035, ground);
  });
  return (
    circle(x, y, r * 1.08, b) +
    circle(x, y, r, a) +
    ticks +
    hand(r * 0.5, 6, between(random, 0, 360)) +
    hand(r * 0.72, 3.4, between(random, 0, 360)) +
    circle(x, y, r * 0.07, ink)
  );
};

export const crown: Figure = (random, { a, b, ink }, w, h) => {
  const [x, y, s] = [w / 2, h * 0.56, w * 0.34];
  const tilt = between(random, -12, 12);
  const points = times(5, (i) =>
    circle(x - s + (s / 2) * i, y - s * (i % 2 === 0 ? 0.82 : 0.45), s * 0.1, ink),
  );
  return (
    rays(x, y, w, 16, b) +
    turned(
      filled(
        `M${n(x - s)} ${n(y + s * 0.45)}V${n(y - s * 0.8)}l${n(s * 0.5)} ${n(s * 0.6)}l${n(s * 0.5)} ${n(-s * 0.6)}l${n(s * 0.5)} ${n(s * 0.6)}l${n(s * 0.5)} ${n(-s * 0.6)}V${n(y + s * 0.45)}z`,
        a,
      ) +
        rect(x - s, y + s * 0.25, s * 2, s * 0.2, ink) +
        points,
      tilt,
      x,
      y,
    )
  );
};

export const gem: Figure = (random, { a, b, ink }, w, h) => {
  const [x, y, s] = [w / 2, h * 0.5, w * between(random, 0.3, 0.36)];
  const t = y - s * 0.55;
  return (
    rays(x, y, w, 20, b, 0, 360) +
    polygon(
      [
        [x - s, t + s * 0.4],
        [x - s * 0.55, t],
        [x + s * 0.55, t],
        [x + s, t + s * 0.4],
        [x, y + s],
      ],
      a,
    ) +
    stroked(
      `M${n(x - s)} ${n(t + s * 0.4)}H${n(x + s)}M${n(x - s * 0.55)} ${n(t)}L${n(x - s * 0.35)} ${n(t + s * 0.4)}L${n(x)} ${n(y + s)}L${n(x + s * 0.35)} ${n(t + s * 0.4)}L${n(x + s * 0.55)} ${n(t)}M${n(x - s * 0.35)} ${n(t + s * 0.4)}L${n(x)} ${n(t)}L${n(x + s * 0.35)} ${n(t + s * 0.4)}`,
      ink,
      1.8,
    )
  );
};

export const bridge: Figure = (_random, { a, b, ink }, w, h) =>
  circle(w * 0.5, h * 0.36, w * 0.2, a) +
  rect(0, h * 0.78, w, h, b) +
  stroked(
    `M${n(-w * 0.1)} ${n(h * 0.4)}Q${n(w * 0.12)} ${n(h * 0.66)} ${n(w * 0.25)} ${n(h * 0.26)}Q${n(w * 0.5)} ${n(h * 0.8)} ${n(w * 0.75)} ${n(h * 0.26)}Q${n(w * 0.88)} ${n(h * 0.66)} ${n(w * 1.1)} ${n(h * 0.4)}`,
    ink,
    2.4,
  ) +
  times(15, (i) => stroked(`M${n((w / 14) * i)} ${n(h * 0.52)}V${n(h * 0.62)}`, ink, 1)) +
  rect(0, h * 0.6, w, 4, ink) +
  rect(w * 0.235, h * 0.22, 6, h * 0.66, ink) +
  rect(w * 0.735, h * 0.22, 6, h * 0.66, ink);

/** As many marks as the title counts, one of them different. */
export function counted(count: number): Figure {
  return (random, { a, b }, w, h) => {
    const columns = Math.ceil(Math.sqrt((count * w) / h));
    const rows = Math.ceil(count / columns);
    const pitch = Math.min(w / columns, h / rows);
    const odd = below(random, count);
    const kind = below(random, 3);
    return times(count, (k) => {
      const row = Math.floor(k / columns);
      const inRow = row === rows - 1 ? count - row * columns : columns;
      const x = w / 2 + ((k % columns) - (inRow - 1) / 2) * pitch;
      const y = h / 2 + (row - (rows - 1) / 2) * pitch;
      const fill = k === odd ? a : b;
      if (kind === 0) return circle(x, y, pitch * 0.4, fill);
      if (kind === 1) return person(x, y + pitch * 0.46, pitch * 0.94, fill);
      return turned(
        rect(x - pitch * 0.34, y - pitch * 0.34, pitch * 0.68, pitch * 0.68, fill),
        k === odd ? 22 : 0,
        x,
        y,
      );
    });
  };
}
