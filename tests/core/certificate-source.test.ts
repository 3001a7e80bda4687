import { expect, test } from 'vitest';
import { minAgeWithSource } from '../../src/core/age-gate/certificate-source.js';
import { configSchema } from '../../src/contracts/config.js';

const { ages } = configSchema.parse({});

test.each([
  [{ FSK: ['6'], MPA: ['R'] }, 'DE', 6, 'FSK 6, of market DE'],
  [{ FSK: ['6', '12'] }, 'DE', 12, 'FSK 6 and 12, of market DE'],
  [{ FSK: ['6'], MPA: ['PG'] }, 'KR', 10, 'MPA PG, the strictest of those known'],
  [
    { FSK: ['18'], BBFC: ['18'], MPA: ['PG'] },
    'default',
    18,
    'FSK 18, BBFC 18, the strictest of those known',
  ],
  [{}, 'US', 18, 'no certificate that is known, so it counts as unknown'],
  [{ XYZ: ['3'] }, 'US', 18, 'no certificate that is known, so it counts as unknown'],
])('%j in %s is from %i by %s', (certificates, market, minAge, source) => {
  expect(minAgeWithSource(certificates, market, ages)).toEqual({ minAge, source });
});
