import { z } from 'zod';

/** Certificates by scheme, as printed on the film: {"MPA": ["PG-13"], "BBFC": ["12A"]}. */
export const certificatesSchema = z.record(z.string(), z.array(z.string()));
export type Certificates = z.infer<typeof certificatesSchema>;

const names = z.array(z.string().min(1)).default([]);

/** A film of the catalogue. `filmId` is the operational id, a string kept as given (leading zeros too). */
export const filmSchema = z.object({
  filmId: z.string().min(1).max(128),
  title: z.string().min(1),
  releaseYear: z.number().int().min(1870).max(2200).nullable().default(null),
  genres: names,
  actors: names,
  directors: names,
  runtimeMin: z.number().int().min(1).max(2000).nullable().default(null),
  certificates: certificatesSchema.default({}),
  countries: names,
  languages: names,
  /** Markets where rights are held; ["*"] = everywhere. */
  markets: z.array(z.string()).default(['*']),
  /** When it joined our catalogue; null = unknown. */
  addedAt: z.iso.datetime({ offset: true }).nullable().default(null),
});
export type Film = z.infer<typeof filmSchema>;

/** Purposes a viewer consents to, a bit each (science H.2). */
export const CONSENT = {
  personalisation: 1,
  experiments: 2,
  ads: 4,
  churn: 8,
  explanationHistory: 16,
} as const;
export const CONSENT_ALL = 31;

/** A profile of the operational store; an account groups profiles. */
export const profileSchema = z.object({
  profileId: z.string().min(1).max(128),
  accountId: z.string().min(1).max(128),
  name: z.string().default(''),
  market: z.string().min(1).max(16).default('default'),
  birthYear: z.number().int().min(1890).max(2100).nullable().default(null),
  /** Marked as a children's profile by the account holder. */
  isKids: z.boolean().default(false),
  /** The holder (or an import whose source has no ages, by --assume-age adult) declares an adult. */
  isAdultDeclared: z.boolean().default(false),
  consent: z.number().int().min(0).max(CONSENT_ALL).default(CONSENT_ALL),
  createdAt: z.iso.datetime({ offset: true }).nullable().default(null),
  /** Of the demo, and made up: anybody may be signed in as it, without a password. */
  isDemo: z.boolean().default(false),
});
export type Profile = z.infer<typeof profileSchema>;
