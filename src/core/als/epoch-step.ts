/**
 * Where a training is, in words and as a part of its epochs. After the last epoch viewers are solved once more, against the
 * films as they are published: that is no epoch. Without epochs it is all there is.
 */
export function epochStep(
  { epoch, rows, of }: { epoch: number; rows: number; of: number },
  epochs: number,
): { step: string; done: number; of: number } {
  const all = Math.max(1, epochs) * of;
  return {
    step: epoch > epochs ? 'last half-step' : `epoch ${epoch} of ${epochs}`,
    done: Math.min((epoch - 1) * of + rows, all),
    of: all,
  };
}
