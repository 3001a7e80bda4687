import { HttpProblem } from './problem.js';

/**
 * Refuses what cannot be answered as its caller accepts it (RFC 9110, 12.5.1). Of the ranges that name `type` the most
 * specific one decides, and `q=0` means not at all. Refusals themselves come whatever is accepted.
 */
export function requireAccepted(accept: string | undefined, type: string): void {
  if (accept === undefined || accept === '*/*' || accept === type || accept.trim() === '') return;
  if (qualityOf(accept.toLowerCase(), type) > 0) return;
  throw new HttpProblem(
    406,
    `the answer is ${type}, and the Accept header allows ${JSON.stringify(accept.slice(0, 100))} only`,
  );
}

function qualityOf(accept: string, type: string): number {
  const qualities = new Map<string, number>();
  for (const range of accept.split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    const quality = q === undefined ? 1 : Number(q.slice(2));
    qualities.set(name, Number.isNaN(quality) ? 1 : quality);
  }
  const group = type.slice(0, type.indexOf('/'));
  return qualities.get(type) ?? qualities.get(`${group}/*`) ?? qualities.get('*/*') ?? 0;
}
