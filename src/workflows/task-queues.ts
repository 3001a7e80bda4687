/** One queue per kind of load, so that a worker can be given one role (`matinee worker --queues …`). */
export const TASK_QUEUES = {
  /** Workflows, and activities that only read or move small files. */
  control: 'matinee',
  /** DuckDB: extract, stage, check, features. Memory bound. */
  warehouse: 'matinee-warehouse',
  /** Fits: train, evaluate. CPU bound, one at a time. */
  training: 'matinee-training',
  /** Lists, bucket by bucket. CPU bound. */
  scoring: 'matinee-scoring',
} as const;
export type QueueRole = keyof typeof TASK_QUEUES;
