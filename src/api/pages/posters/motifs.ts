import { eye, type Figure, skyline, spiral, stairs } from './figures-dark.js';
import { castle, heart } from './figures-light.js';
import { doorway, planet, rocket } from './figures-plain.js';
import { birds, fire, flower, moon, rain, snow, stars, tree } from './figures-nature.js';
import { bridge, clock, counted, crown, gem, road, train, wheel, window } from './figures-things.js';
import { lowSun, ranges, sea } from './figures-wide.js';

/** Things that a title may name, drawn instead of the genre's figure: the first that fits. */
const THINGS: readonly [words: RegExp, figure: Figure][] = [
  [/\b(moon|moonlight|luna)\b/, moon],
  [/\b(rain|umbrellas?|storm)\b/, rain],
  [/\b(window|windows|apartment|tenant)\b/, window],
  [/\b(train|express|railway|station|trainspotting)\b/, train],
  [/\b(sunrise|sunset|sun|dawn|noon|sundown|horizon)\b/, lowSun],
  [/\b(stars?)\b/, stars],
  [/\b(road|strada|street|highway|boulevard|wages|way)\b/, road],
  [
    /\b(river|sea|water|waterfront|ship|boat|ocean|island|atlantic|potemkin|titanic|shore|aquatic|l'atalante)\b/,
    sea,
  ],
  [/\b(mountains?|sierra|everest|hills?|navarone)\b/, ranges],
  [/\b(metropolis|city|manhattan|casablanca|chinatown|tokyo|berlin|rome|london|paris|town)\b/, skyline],
  [/\b(house|home|room|door|exorcist|psycho|stranger)\b/, doorway],
  [/\b(eyes?|vision|peeping|rear|blow-up|blowup|conversation)\b/, eye],
  [/\b(love|heart|hearts|valentine|amour|romance)\b/, heart],
  [/\b(vertigo|dizzy|spiral|wheel of)\b/, spiral],
  [/\b(stairs|steps|ladder)\b/, stairs],
  [/\b(king|queen|prince|princess|emperor|crown|lord|throne)\b/, crown],
  [/\b(castle|palace|wizard|oz|kingdom|beast)\b/, castle],
  [/\b(birds?|wings?|falcon|eagle|crow|swan|cranes|cuckoo's|mockingbird|ducks?|pigeon|hawks?)\b/, birds],
  [/\b(fire|flames?|burning|inferno|hell|heat|hot)\b/, fire],
  [/\b(snow|ice|winter|cold|frozen|christmas|nanook)\b/, snow],
  [/\b(time|hours?|clock|tomorrow|yesterday|future|minute|noon|modern)\b/, clock],
  [/\b(roses?|flowers?|lilies|garden|magnolias?|strawberries|blossoms?|pomegranates|kabinet)\b/, flower],
  [/\b(trees?|forest|woods?|jungle|orchard)\b/, tree],
  [/\b(bicycle|wheels?|motorcycle|rider|wagon|stagecoach|chariots|car|driver)\b/, wheel],
  [/\b(gold|treasure|diamonds?|jewel|pearl|ring|pink)\b/, gem],
  [/\b(bridge|kwai)\b/, bridge],
  [/\b(planet|space|solaris|world|worlds|galaxy|alien|earth)\b/, planet],
  [/\b(rocket|apollo|odyssey|flight|strangelove)\b/, rocket],
];

const NUMBERS = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

/** The thing that a title names, else the number it names (2 to 60), else null. */
export function motifOf(title: string): Figure | null {
  const text = title.toLowerCase();
  const found = THINGS.find(([words]) => words.test(text));
  if (found !== undefined) return found[1];
  const word = NUMBERS.findIndex((name, value) => value > 1 && new RegExp(`\\b${name}\\b`).test(text));
  const digits = Number(/(?:^|\s)(\d{1,2})(?:\s|$)/.exec(text)?.[1] ?? Number.NaN);
  const count = word > 0 ? word : digits;
  return count >= 2 && count <= 60 ? counted(count) : null;
}
