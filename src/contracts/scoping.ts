import { z } from 'zod';

const lines = (...text: string[]) => z.array(z.string()).default(text);

/**
 * What a model card says that no measurement knows: what the recommendations are for, and who answers for them. The defaults
 * are the demo's; a service writes its own.
 */
export const scopingSchema = z.strictObject({
  service: z.string().default('Retro Movies'),
  problem: z
    .string()
    .default(
      'A viewer who has seen the Top list finds nothing new on it and leaves. Everybody shall find a film to watch tonight among the first ten, whatever they like and however long they have been here.',
    ),
  stakeholders: lines(
    'viewers, children among them, who see the lists',
    'programme editors, whose catalogue is shown',
    'product management, who answer for what is shown',
    'rights holders, whose films must be shown where they are licensed and nowhere else',
  ),
  goals: lines(
    'more viewers find, in their first ten films, one that they go on to watch',
    'the depth of the catalogue is shown, not its best-known films alone',
    'every recommendation has a reason that is true and can be shown',
  ),
  constraints: lines(
    'nobody sees a film above their age, in any row, reason or fallback',
    'only viewers who consent to personal lists get one, and only their behaviour is learnt from',
    'lists are made once a night on ordinary processors; serving needs no model',
  ),
  intendedUse: lines(
    'ordering the films of this catalogue on a viewer’s own page',
    'the reasons beside them, and the films like a film',
  ),
  outOfScope: lines(
    'deciding who may see a film: that is the age rule’s, which the model cannot move',
    'judging people: nothing about a viewer may be read off their factors',
    'prices, contracts or credit; advertising to children',
    'another catalogue or another service without a night of its own',
  ),
  owners: z.record(z.string(), z.string()).default({
    application: 'developers',
    data: 'data engineering',
    model: 'data science',
    safety: 'safety officer',
  }),
  /** What an hour of one core costs; null = no line about money. */
  cpuHourPrice: z.number().min(0).nullable().default(null),
  currency: z.string().default('EUR'),
  contact: z.string().default('the operator of this service'),
});
