import type { CreateTopScorer } from '../../core/ranking/top-films.js';

/** Scores every film of every viewer and sorts. */
export const createReferenceTopScorer: CreateTopScorer = (films, k, size) => {
  const classes: Uint8Array[] = [];
  const rows = films.length / k;

  const scoreOf = (viewers: Float32Array, viewer: number, film: number): number => {
    let sum = 0;
    for (let j = 0; j < k; j++) {
      sum = Math.fround(sum + Math.fround(viewers[viewer * k + j]! * films[film * k + j]!));
    }
    return sum;
  };

  return {
    addClass: (closed) => classes.push(closed) - 1,
    top({ factors, hidden, classOf }) {
      const viewers = factors.length / k;
      const film = new Int32Array(viewers * size).fill(-1);
      const score = new Float32Array(viewers * size).fill(-Infinity);
      for (let v = 0; v < viewers; v++) {
        const taken = new Set(Array.from(hidden[v]!));
        const closed = classes[classOf[v]!]!;
        const scored = Array.from({ length: rows }, (_, row) => ({ row, score: scoreOf(factors, v, row) }))
          .filter((s) => s.score > -Infinity && closed[s.row] === 0 && !taken.has(s.row))
          .sort((a, b) => b.score - a.score || a.row - b.row)
          .slice(0, size);
        scored.forEach((s, n) => {
          film[v * size + n] = s.row;
          score[v * size + n] = s.score;
        });
      }
      return { film, score };
    },
  };
};
