import { defineQuery } from '@temporalio/workflow';
import type { BackfillProgress, NightProgress } from '../contracts/night.js';

export const progressQuery = defineQuery<NightProgress>('progress');
export const backfillProgressQuery = defineQuery<BackfillProgress>('backfillProgress');
