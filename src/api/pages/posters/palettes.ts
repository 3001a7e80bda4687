/** The inks of one poster. `ink` is read on `ground`, `onPanel` on `panel`; `a` and `b` are what figures are drawn in. */
export interface Palette {
  ground: string;
  ink: string;
  a: string;
  b: string;
  panel: string;
  onPanel: string;
}

type Inks = readonly [ground: string, ink: string, a: string, b: string, panel: string, onPanel: string];
const palette = ([ground, ink, a, b, panel, onPanel]: Inks): Palette => ({
  ground,
  ink,
  a,
  b,
  panel,
  onPanel,
});

/** Moods, each with several printings of two or three flat inks. A test holds every lettered pair to 4.5 : 1. */
const MOODS = {
  night: [
    ['#14151a', '#f2e9d8', '#e8c547', '#3a3f4d', '#e8c547', '#14151a'],
    ['#101820', '#f4efe6', '#c8d3d9', '#2f4858', '#f4efe6', '#101820'],
    ['#1a1014', '#f3e4da', '#d8433b', '#4a2229', '#b3261f', '#fff0e8'],
    ['#0f1a17', '#e7efe2', '#9fc6a2', '#28463c', '#e7efe2', '#0f1a17'],
    ['#e9e4d6', '#15151a', '#15151a', '#8d8a80', '#15151a', '#f2e9d8'],
  ],
  desert: [
    ['#e9a44c', '#2b120a', '#b3341d', '#6d1f14', '#2b120a', '#f6d9a2'],
    ['#f1cf8c', '#34160c', '#d0592a', '#8b3a1c', '#8b2f16', '#fdf0d2'],
    ['#7d2418', '#fbe3bb', '#ef9a3d', '#4a140e', '#fbe3bb', '#4a140e'],
    ['#cfd8c9', '#2a211a', '#d98a3d', '#7c5a38', '#5b3a1e', '#f4ead2'],
  ],
  footlights: [
    ['#c2274e', '#fff1e0', '#f7c545', '#7d1233', '#fff1e0', '#7d1233'],
    ['#f5c33b', '#3a1230', '#d63a6a', '#3a1230', '#3a1230', '#fbe2a0'],
    ['#2a2a72', '#ffe9d6', '#f58aa7', '#f7c545', '#ffe9d6', '#2a2a72'],
    ['#f7d6cf', '#5a1038', '#c2274e', '#f0a13c', '#8a1749', '#ffeee6'],
    ['#12615c', '#fdf0d0', '#f5a64a', '#0c3b3b', '#fdf0d0', '#0c3b3b'],
  ],
  orbit: [
    ['#0d1b3d', '#e8f0ff', '#ff6b4a', '#3e5bb0', '#e8f0ff', '#0d1b3d'],
    ['#d9e4e6', '#0f2a36', '#ee5a36', '#6a9aa6', '#0f2a36', '#e8f4f5'],
    ['#241440', '#f4e6ff', '#52d1c6', '#7b4fc0', '#52d1c6', '#160b2b'],
    ['#f0e7d2', '#162436', '#2c7da0', '#e0803a', '#162436', '#f6ecd2'],
    ['#06302f', '#dff7ec', '#b6e04a', '#1a6b5f', '#b6e04a', '#06302f'],
  ],
  paper: [
    ['#efe6d4', '#1d1a17', '#c8402b', '#30688c', '#b5361f', '#fff8ee'],
    ['#e3e7de', '#1b2320', '#2f7a5f', '#d8a22f', '#1d5a45', '#f0f5ea'],
    ['#ead9cf', '#2c1720', '#8c2f4d', '#d69a53', '#8c2f4d', '#fdf1ea'],
    ['#dfe3ea', '#171d2d', '#3550a0', '#d9583a', '#2a4084', '#eff3fb'],
    ['#f0d9b5', '#26160f', '#b0482a', '#3d6b66', '#2d524f', '#f8ecd6'],
  ],
  ember: [
    ['#a61d1d', '#fff0dc', '#141010', '#e88a3c', '#141010', '#ffd9ab'],
    ['#1b1a18', '#f6e6cf', '#c9381f', '#7a766b', '#b02d17', '#fff2e0'],
    ['#d8cfb8', '#231c12', '#8a2a1a', '#5d6242', '#3f4429', '#f0ead6'],
    ['#e6b23f', '#1f1508', '#1f1508', '#b23a1e', '#1f1508', '#f6d78a'],
  ],
  meadow: [
    ['#bfe0c4', '#123524', '#f2784b', '#2f8f6b', '#17573d', '#eefae9'],
    ['#fbd04f', '#2b1d52', '#ee5b4f', '#3a8ec2', '#2b1d52', '#fff0bf'],
    ['#8fd0e8', '#0f2d4a', '#fbd34d', '#ef6f5a', '#12416b', '#eefaff'],
    ['#f8b9a8', '#47142f', '#fff0d5', '#cf4870', '#7d1f4c', '#ffece2'],
    ['#f2ead3', '#26324a', '#e5573f', '#47a38c', '#26324a', '#fdf3d7'],
  ],
  velvet: [
    ['#f3c9c4', '#4b0f23', '#b51f47', '#e88b7d', '#8c1538', '#ffece6'],
    ['#4b1230', '#fbe2dc', '#e8728a', '#8c2f5d', '#fbe2dc', '#4b1230'],
    ['#e9dcea', '#2d1a40', '#7a4aa0', '#d9607f', '#5a3280', '#f6eefa'],
    ['#14324a', '#f7e8dc', '#e8958a', '#2f6a86', '#f7e8dc', '#14324a'],
    ['#f6e3c5', '#40180f', '#cc4a3a', '#e5a34a', '#8f2c1f', '#fff3df'],
  ],
} as const satisfies Record<string, readonly [Inks, ...Inks[]]>;
export type Mood = keyof typeof MOODS;

/** Every printing of a mood. */
export function printings(mood: Mood): [Palette, ...Palette[]] {
  const [first, ...rest] = MOODS[mood];
  return [palette(first), ...rest.map(palette)];
}
export const ALL_MOODS = Object.keys(MOODS).filter((name): name is Mood => Object.hasOwn(MOODS, name));
