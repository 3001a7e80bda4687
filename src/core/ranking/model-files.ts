import {
  type ModelKind,
  type TrainingRecord,
  coldFilmListSchema,
  standingSchema,
  trainingRecordSchema,
} from '../../contracts/index.js';
import type { Model } from './model.js';

/** Files of numbers, float32, row-major: of the learnt films, and of the others. */
const NUMBERS = {
  /** films × k, other films × k */
  als: { learnt: 'film-factors.f32', cold: 'cold-factors.f32' },
  /** films × films, films × other films */
  ease: { learnt: 'item-weights.f32', cold: 'cold-weights.f32' },
} as const satisfies Record<ModelKind, { learnt: string; cold: string }>;

/** All files of a model, in its run's folder and in the release that serves it. */
export const modelFiles = (kind: ModelKind): string[] => [
  NUMBERS[kind].learnt,
  'films.json',
  'standing.json',
  NUMBERS[kind].cold,
  'cold-films.json',
  'model.json',
];

/** What was learnt: of the film in row r `width` numbers from r·width. */
export interface Learnt {
  kind: ModelKind;
  filmIds: string[];
  width: number;
  numbers: Float32Array;
}

/** Where its numbers lie, and how many a film has. */
export const filesOfNumbers = (kind: ModelKind): { learnt: string; cold: string } => NUMBERS[kind];
export const learntFile = (kind: ModelKind): string => NUMBERS[kind].learnt;
const widthOf = (record: TrainingRecord, films: number): number => (record.kind === 'als' ? record.k : films);

/** The whole content of one of a model's files; null where there is none. */
type ReadFile = (name: string) => Promise<Uint8Array | null>;

/** A file that is not what a model of its kind has. */
export class ModelDamaged extends Error {}

/** A model from its files, its numbers in memory that threads share; null where there is no model. */
export async function openModel(read: ReadFile): Promise<Model | null> {
  if ((await read('model.json')) === null) return null;
  const { record, filmIds } = await head(read);
  const standing = standingSchema.parse(await json(read, 'standing.json'));
  if (standing.length !== filmIds.length) {
    throw new ModelDamaged(
      `standing.json: ${standing.length} films, expected the ${filmIds.length} of films.json`,
    );
  }
  const numbersIn = (name: string, rows: number, width: number) => numbers(read, name, rows, width);
  const films = filmIds.length;
  const own = await numbersIn(NUMBERS[record.kind].learnt, films, widthOf(record, films));
  const list = await read('cold-films.json');
  const cold = list === null ? null : coldFilmListSchema.parse(parsed(list));
  const coldFile = NUMBERS[record.kind].cold;
  if (record.kind === 'ease') {
    const others = cold ?? [];
    const weights = await numbersIn(coldFile, films, others.length);
    return { kind: 'ease', filmIds, standing, weights: own, cold: { weights, films: others } };
  }
  const { k, alpha0, lambda, nu } = record;
  const model = {
    kind: 'als',
    filmIds,
    standing,
    factors: own,
    hyper: { k, alpha0, lambda, nu },
  } as const;
  if (cold === null) return model; // of an earlier version
  return { ...model, cold: { factors: await numbersIn(coldFile, cold.length, k), films: cold } };
}

/** What a model has learnt, without how its films stand. */
export async function openLearnt(read: ReadFile): Promise<Learnt> {
  const { record, filmIds } = await head(read);
  const width = widthOf(record, filmIds.length);
  return {
    kind: record.kind,
    filmIds,
    width,
    numbers: await numbers(read, learntFile(record.kind), filmIds.length, width),
  };
}

async function head(read: ReadFile): Promise<{ record: TrainingRecord; filmIds: string[] }> {
  const record = trainingRecordSchema.parse(await json(read, 'model.json'));
  const filmIds = (await json(read, 'films.json')) as string[];
  return { record, filmIds };
}

async function json(read: ReadFile, name: string): Promise<unknown> {
  const bytes = await read(name);
  if (bytes === null) throw new ModelDamaged(`${name}: is not there`);
  return parsed(bytes);
}

const parsed = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

async function numbers(read: ReadFile, name: string, rows: number, width: number): Promise<Float32Array> {
  const bytes = await read(name);
  if (bytes?.length !== rows * width * 4) {
    const seen = bytes === null ? 'no file' : `${bytes.length} bytes`;
    throw new ModelDamaged(`${name}: ${seen}, expected ${rows} × ${width} × 4 bytes`);
  }
  const values = new Float32Array(new SharedArrayBuffer(bytes.length));
  new Uint8Array(values.buffer).set(bytes);
  return values;
}
