import type pg from 'pg';
import { type StoredKey, storedKeySchema } from '../../contracts/access.js';

export interface KeyStore {
  /** Every key ever made, oldest first; revoked and expired ones too. */
  all(): Promise<StoredKey[]>;
  /** False when the id is taken. */
  add(key: StoredKey): Promise<boolean>;
  /** False when there is no such key, or it was revoked before. */
  revoke(keyId: string, at: Date): Promise<boolean>;
}

export function createKeyStore(pool: pg.Pool): KeyStore {
  return {
    async all() {
      const { rows } = await pool.query<
        Record<string, unknown> & Record<'created' | 'expires' | 'revoked', Date | null>
      >(
        `SELECT key_id AS "keyId", label, scopes, encode(sha256, 'hex') AS sha256,
                created_at AS created, expires_at AS expires, revoked_at AS revoked
         FROM api_keys ORDER BY created_at, key_id`,
      );
      return rows.map(({ created, expires, revoked, ...row }) =>
        storedKeySchema.parse({
          ...row,
          createdAt: created?.toISOString(),
          expiresAt: expires?.toISOString() ?? null,
          revokedAt: revoked?.toISOString() ?? null,
        }),
      );
    },
    async add({ keyId, label, scopes, sha256, createdAt, expiresAt, revokedAt }) {
      const { rowCount } = await pool.query(
        `INSERT INTO api_keys (key_id, label, scopes, sha256, created_at, expires_at, revoked_at)
         VALUES ($1, $2, $3, decode($4, 'hex'), $5, $6, $7) ON CONFLICT (key_id) DO NOTHING`,
        [keyId, label, scopes, sha256, createdAt, expiresAt, revokedAt],
      );
      return rowCount === 1;
    },
    async revoke(keyId, at) {
      const { rowCount } = await pool.query(
        'UPDATE api_keys SET revoked_at = $2 WHERE key_id = $1 AND revoked_at IS NULL',
        [keyId, at],
      );
      return rowCount === 1;
    },
  };
}
