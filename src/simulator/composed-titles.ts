/** Words of made-up titles: 64 × 64 × 4 = 16,384 of them, and as many again with every "Part". */
const QUALITIES =
  'Amber Ashen Blue Borrowed Brass Broken Burning Cardinal Careful Cold Copper Crooked Distant Drowsy Early Eastern Electric Empty Endless Fallow Final Folded Gentle Gilded Glass Granite Hidden Hollow Idle Inland Ivory Jagged Late Leaden Level Little Lonely Lucid Marble Midnight Narrow Northern Obstinate Old Ordinary Painted Paper Patient Perfect Plain Quiet Rapid Restless Rusted Salted Second Silver Sleeping Southern Spare Tender Velvet Western Winter'.split(
    ' ',
  );
const THINGS =
  'Acre Almanac Anchor Apprentice Archive Avenue Balcony Ballad Barometer Bridge Cabinet Canal Caravan Cartographer Chapel Compass Corridor Courier Cousin Delta Detective Envelope Estuary Factory Ferry Foundry Garden Gambler Harbour Horizon Inspector Island Juror Kite Ladder Lantern Lighthouse Locksmith Map Meridian Mirror Orchard Parade Passenger Pavilion Pilot Promise Quarry Rehearsal Reservoir Saddle Sailor Signal Staircase Station Stranger Telegram Terrace Tide Tunnel Umbrella Verdict Violin Voyage'.split(
    ' ',
  );
const FORMS: readonly ((quality: string, thing: string) => string)[] = [
  (quality, thing) => `The ${quality} ${thing}`,
  (quality, thing) => `${/^[AEIO]/.test(quality) ? 'An' : 'A'} ${quality} ${thing}`,
  (quality, thing) => `${quality} ${thing}s`,
  (quality, thing) => `My ${quality} ${thing}`,
];

const TITLES = QUALITIES.length * THINGS.length * FORMS.length;
/** Odd, so coprime to the power of two that TITLES is: steps through all titles before any comes again. */
const STEP = 7919;

/** The n-th title (from 0): no two alike. */
export function composedTitle(n: number): string {
  const at = (n * STEP + 4242) % TITLES;
  const quality = QUALITIES[at % QUALITIES.length] ?? '';
  const thing = THINGS[Math.floor(at / QUALITIES.length) % THINGS.length] ?? '';
  const form = FORMS[Math.floor(at / (QUALITIES.length * THINGS.length))] ?? FORMS[0];
  const part = Math.floor(n / TITLES);
  const title = form?.(quality, thing) ?? '';
  return part === 0 ? title : `${title}, Part ${part + 1}`;
}
