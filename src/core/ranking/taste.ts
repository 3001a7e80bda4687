import { openFactors } from './factor-taste.js';
import { openItems } from './item-taste.js';
import type { Model, Taste } from './model.js';

/** `newPerTwenty` = 0: no new films. */
export function openTaste(model: Model, newPerTwenty: number): Taste {
  switch (model.kind) {
    case 'als':
      return openFactors(model, newPerTwenty);
    case 'ease':
      return openItems(model, newPerTwenty);
  }
}
