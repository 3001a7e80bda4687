import { below, type Random } from '../../../core/random/random.js';

/** Shapes as SVG text. Presentation attributes only: the pages' policy forbids style attributes. */
export type Points = readonly (readonly [number, number])[];

export function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export function rect(x: number, y: number, width: number, height: number, fill: string): string {
  return `<path fill="${fill}" d="M${n(x)} ${n(y)}h${n(width)}v${n(height)}h${n(-width)}z"/>`;
}

export function circle(x: number, y: number, r: number, fill: string): string {
  return `<circle cx="${n(x)}" cy="${n(y)}" r="${n(r)}" fill="${fill}"/>`;
}

export function ring(x: number, y: number, r: number, stroke: string, width: number): string {
  return `<circle cx="${n(x)}" cy="${n(y)}" r="${n(r)}" fill="none" stroke="${stroke}" stroke-width="${n(width)}"/>`;
}

export function polygon(points: Points, fill: string): string {
  return `<path fill="${fill}" d="M${points.map(([x, y]) => `${n(x)} ${n(y)}`).join('L')}z"/>`;
}

export function filled(d: string, fill: string): string {
  return `<path fill="${fill}" d="${d}"/>`;
}

export function stroked(d: string, stroke: string, width: number): string {
  return `<path fill="none" stroke="${stroke}" stroke-width="${n(width)}" d="${d}"/>`;
}

export function turned(shapes: string, degrees: number, x: number, y: number): string {
  return `<g transform="rotate(${n(degrees)} ${n(x)} ${n(y)})">${shapes}</g>`;
}

/** Uniform in [from, to). */
export function between(random: Random, from: number, to: number): number {
  return from + ((to - from) * random.next()) / 4294967296;
}

export function oneOf<T>(random: Random, choices: readonly [T, ...T[]]): T {
  return choices[below(random, choices.length)] ?? choices[0];
}

export function chance(random: Random, share: number): boolean {
  return random.next() / 4294967296 < share;
}

export function times(count: number, draw: (i: number) => string): string {
  let shapes = '';
  for (let i = 0; i < count; i++) shapes += draw(i);
  return shapes;
}

/** A point on a circle; 0° is up, clockwise. */
export function polar(x: number, y: number, r: number, degrees: number): [number, number] {
  const radians = ((degrees - 90) * Math.PI) / 180;
  return [x + r * Math.cos(radians), y + r * Math.sin(radians)];
}

/** A star or a sun: `points` spikes between two radii. */
export function star(
  x: number,
  y: number,
  outer: number,
  inner: number,
  points: number,
  fill: string,
): string {
  return polygon(
    Array.from({ length: points * 2 }, (_, i) =>
      polar(x, y, i % 2 === 0 ? outer : inner, (180 / points) * i),
    ),
    fill,
  );
}

/** Wedges that radiate from a point, every other one left open. */
export function rays(
  x: number,
  y: number,
  r: number,
  count: number,
  fill: string,
  from = 0,
  to = 360,
): string {
  const step = (to - from) / (count * 2);
  const d = Array.from({ length: count }, (_, i) => {
    const a = polar(x, y, r, from + step * 2 * i);
    const b = polar(x, y, r, from + step * (2 * i + 1));
    return `M${n(x)} ${n(y)}L${n(a[0])} ${n(a[1])}L${n(b[0])} ${n(b[1])}z`;
  }).join('');
  return filled(d, fill);
}
