-- Up Migration

-- Keys of the HTTP API. The secret itself is nowhere: 32 random bytes need no salt, and no slow hash.
create table api_keys (
  key_id text primary key,
  label text not null default '',
  scopes text[] not null check (cardinality(scopes) > 0),
  sha256 bytea not null check (length(sha256) = 32),
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz
);

-- Down Migration

drop table api_keys;
