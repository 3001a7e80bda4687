import { below } from '../../../core/random/random.js';
import { between, circle, filled, n, polar, rays, rect, star, stroked, times, turned } from './drawing.js';
import { type Figure, person } from './figures-dark.js';

/** What of nature a title may name (motifs.ts). */

export const moon: Figure = (random, { a, b, ground }, w, h) => {
  const [x, y, r] = [
    w * between(random, 0.4, 0.6),
    h * between(random, 0.38, 0.55),
    w * between(random, 0.28, 0.36),
  ];
  const bite = between(random, 0.3, 0.5) * r;
  return (
    times(24, () => circle(between(random, 0, w), between(random, 0, h), between(random, 0.6, 1.8), b)) +
    circle(x, y, r, a) +
    circle(x + bite, y - bite * 0.3, r * 0.86, ground)
  );
};

export const rain: Figure = (random, { a, b, ink }, w, h) => {
  const drops = times(46, () => {
    const [x, y, t] = [between(random, -0.1, 1.1) * w, between(random, -0.1, 1) * h, between(random, 9, 24)];
    return `M${n(x)} ${n(y)}l${n(-t * 0.28)} ${n(t)}`;
  });
  const x = w * between(random, 0.4, 0.6);
  const canopy = filled(
    `M${n(x - w * 0.27)} ${n(h * 0.58)}a${n(w * 0.27)} ${n(w * 0.25)} 0 0 1 ${n(w * 0.54)} 0q${n(-w * 0.045)} ${n(-h * 0.035)} ${n(-w * 0.09)} 0t${n(-w * 0.09)} 0t${n(-w * 0.09)} 0t${n(-w * 0.09)} 0t${n(-w * 0.09)} 0t${n(-w * 0.09)} 0z`,
    a,
  );
  return (
    stroked(drops, b, 1.5) +
    turned(canopy + stroked(`M${n(x)} ${n(h * 0.56)}V${n(h * 0.86)}`, ink, 2.2), -10, x, h * 0.8) +
    person(x + w * 0.03, h, h * 0.36, ink)
  );
};

export const stars: Figure = (random, { a, b, ink }, w, h) =>
  times(9, (i) => {
    const [x, y] = [
      w * (0.18 + (i % 3) * 0.32) + between(random, -10, 10),
      h * (0.18 + Math.floor(i / 3) * 0.32) + between(random, -10, 10),
    ];
    const r = i === 4 ? w * 0.2 : w * between(random, 0.05, 0.1);
    return star(x, y, r, r * 0.42, 5, i === 4 ? a : i % 2 === 0 ? b : ink);
  });

export const flower: Figure = (random, { a, b, ink }, w, h) => {
  const petals = 6 + below(random, 4);
  const [x, y, r] = [w / 2, h * 0.38, Math.min(w, h) * 0.19];
  const leaf = (side: number, at: number) =>
    filled(
      `M${n(x)} ${n(h * at)}q${n(side * w * 0.1)} ${n(-h * 0.12)} ${n(side * w * 0.27)} ${n(-h * 0.1)}q${n(-side * w * 0.05)} ${n(h * 0.12)} ${n(-side * w * 0.27)} ${n(h * 0.1)}z`,
      b,
    );
  return (
    stroked(`M${n(x)} ${n(y)}V${n(h)}`, b, 4) +
    leaf(1, between(random, 0.75, 0.9)) +
    leaf(-1, between(random, 0.7, 0.9)) +
    times(petals, (i) => {
      const [px, py] = polar(x, y, r * 0.95, (360 / petals) * i);
      return `<ellipse cx="${n(px)}" cy="${n(py)}" rx="${n(r * 0.48)}" ry="${n(r * 0.85)}" fill="${a}" transform="rotate(${n((360 / petals) * i)} ${n(px)} ${n(py)})"/>`;
    }) +
    circle(x, y, r * 0.55, ink)
  );
};

export const tree: Figure = (random, { a, b, ink }, w, h) => {
  const crown = times(9, (i) =>
    circle(
      w * 0.5 + between(random, -0.26, 0.26) * w,
      h * between(random, 0.2, 0.5),
      w * between(random, 0.12, 0.19),
      i % 3 === 0 ? a : b,
    ),
  );
  return (
    crown +
    filled(
      `M${n(w * 0.47)} ${n(h * 0.4)}h${n(w * 0.06)}l${n(w * 0.05)} ${n(h * 0.5)}h${n(-w * 0.16)}z`,
      ink,
    ) +
    rect(0, h * 0.9, w, 2.5, ink)
  );
};

export const snow: Figure = (random, { a, b, ink }, w, h) => {
  const flake = (x: number, y: number, r: number, fill: string) => {
    const d = times(6, (i) => {
      const [px, py] = polar(x, y, r, i * 60);
      const [mx, my] = polar(x, y, r * 0.6, i * 60);
      const [lx, ly] = polar(mx, my, r * 0.32, i * 60 + 45);
      const [rx, ry] = polar(mx, my, r * 0.32, i * 60 - 45);
      return `M${n(x)} ${n(y)}L${n(px)} ${n(py)}M${n(lx)} ${n(ly)}L${n(mx)} ${n(my)}L${n(rx)} ${n(ry)}`;
    });
    return stroked(d, fill, Math.max(1.2, r * 0.08));
  };
  return (
    flake(w * 0.5, h * 0.46, w * 0.36, a) +
    times(7, (i) =>
      flake(
        between(random, 0, w),
        between(random, 0, h),
        w * between(random, 0.05, 0.1),
        i % 2 === 0 ? b : ink,
      ),
    )
  );
};

export const birds: Figure = (random, { a, b, ink }, w, h) => {
  const bird = (x: number, y: number, s: number, fill: string) =>
    filled(
      `M${n(x - s)} ${n(y - s * 0.42)}q${n(s * 0.55)} ${n(-s * 0.28)} ${n(s)} ${n(s * 0.38)}q${n(s * 0.45)} ${n(-s * 0.66)} ${n(s)} ${n(-s * 0.38)}q${n(-s * 0.5)} ${n(s * 0.08)} ${n(-s)} ${n(s * 0.72)}q${n(-s * 0.5)} ${n(-s * 0.64)} ${n(-s)} ${n(-s * 0.72)}z`,
      fill,
    );
  return (
    circle(w * 0.5, h * 0.5, w * 0.3, a) +
    times(9, (i) =>
      bird(
        w * between(random, 0.06, 0.94),
        h * (0.1 + i * 0.095),
        w * between(random, 0.08, 0.19),
        i % 3 === 0 ? b : ink,
      ),
    )
  );
};

export const fire: Figure = (random, { a, b, ink }, w, h) => {
  const flame = (s: number, fill: string) =>
    filled(
      `M${n(w / 2)} ${n(h * 0.95)}c${n(-s * 0.9)} 0 ${n(-s)} ${n(-s * 0.9)} ${n(-s * 0.4)} ${n(-s * 1.5)}q${n(s * 0.1)} ${n(s * 0.4)} ${n(s * 0.3)} ${n(s * 0.4)}q${n(-s * 0.1)} ${n(-s * 0.8)} ${n(s * 0.3)} ${n(-s * 1.4)}q${n(s * 0.1)} ${n(s * 0.7)} ${n(s * 0.5)} ${n(s * 1.2)}c${n(s * 0.6)} ${n(s * 0.8)} ${n(s * 0.2)} ${n(s * 1.3)} ${n(-s * 0.7)} ${n(s * 1.3)}z`,
      fill,
    );
  return (
    rays(w / 2, h * 0.95, h * 1.2, 11, b, -80, 80) +
    flame(h * between(random, 0.29, 0.33), a) +
    flame(h * 0.17, ink)
  );
};
