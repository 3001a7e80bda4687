/** Kinds of models that a night can train: implicit ALS, and EASE (docs/decisions/040). */
export const MODEL_KINDS = ['als', 'ease'] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];
/** As people call them. */
export const KIND_NAMES: Record<ModelKind, string> = { als: 'ALS', ease: 'EASE' };
