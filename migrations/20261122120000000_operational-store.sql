-- Up Migration

create table accounts (
  account_id text primary key,
  created_at timestamptz not null default now()
);

create table profiles (
  profile_id text primary key,
  account_id text not null references accounts,
  name text not null default '',
  market text not null default 'default',
  birth_year integer check (birth_year between 1890 and 2100),
  is_kids boolean not null default false,
  is_adult_declared boolean not null default false,
  -- one bit per purpose: contracts/films.ts CONSENT
  consent integer not null default 0 check (consent between 0 and 31),
  created_at timestamptz not null default now(),
  -- who brought it: an importer's name, or 'service'
  source text not null default 'service'
);
create index profiles_by_account on profiles (account_id);

create table logins (
  login_id bigint generated always as identity primary key,
  account_id text not null references accounts on delete cascade,
  profile_id text references profiles on delete cascade,
  device text,
  at timestamptz not null default now()
);
create index logins_by_account on logins (account_id, at);

create table films (
  film_id text primary key,
  title text not null check (title <> ''),
  release_year integer check (release_year between 1870 and 2200),
  genres text[] not null default '{}',
  actors text[] not null default '{}',
  directors text[] not null default '{}',
  runtime_min integer check (runtime_min between 1 and 2000),
  -- by scheme: {"MPA": ["PG"]}
  certificates jsonb not null default '{}',
  countries text[] not null default '{}',
  languages text[] not null default '{}',
  -- where rights are held; {*} = everywhere
  markets text[] not null default '{*}',
  added_at timestamptz,
  source text not null default 'service'
);

-- A JSON array of strings as text[].
create function names(list jsonb) returns text[] language sql immutable parallel safe
  return array(select jsonb_array_elements_text(list));

-- No foreign keys: a check per row doubles the time of a bulk load. Every writer joins profiles instead; a film that is
-- not in the catalogue yet is kept here and quarantined by the extraction until it is.
create table events (
  event_id uuid primary key,
  profile_id text not null,
  film_id text,
  type text not null,
  ts timestamptz not null,
  ts_server timestamptz not null default now(),
  value smallint check (value between 1 and 10),
  from_ms bigint,
  to_ms bigint,
  session_id text,
  surface text,
  position integer,
  list_id text,
  release_id text,
  dwell_ms integer,
  viewport_pct smallint,
  device text,
  locale text,
  app_version text,
  source text not null,
  extra jsonb,
  ingested_at timestamptz not null default now(),
  -- the writing transaction: what the extraction's watermark counts in
  ingest_xid xid8 not null default pg_current_xact_id(),
  check (film_id is not null or type = 'scroll'),
  check (value is not null or type <> 'rating')
);
create index events_by_ingestion on events (ingest_xid);
create index events_by_profile on events (profile_id, ts desc);
create index events_by_time on events (ts);

-- The current rating of a profile for a film: the newest, and of two at one instant the greater event id.
create table ratings (
  profile_id text not null,
  film_id text not null,
  value smallint not null check (value between 1 and 10),
  rated_at timestamptz not null,
  event_id uuid not null,
  primary key (profile_id, film_id)
);
create index ratings_by_film on ratings (film_id);

-- Per statement, over all its new rows at once: one rule for live batches and bulk loads.
create function keep_current_ratings() returns trigger language plpgsql as $$
begin
  insert into ratings (profile_id, film_id, value, rated_at, event_id)
  select distinct on (profile_id, film_id) profile_id, film_id, value, ts, event_id
  from added
  where type = 'rating'
  order by profile_id, film_id, ts desc, event_id desc
  on conflict (profile_id, film_id) do update
    set value = excluded.value, rated_at = excluded.rated_at, event_id = excluded.event_id
    where (excluded.rated_at, excluded.event_id) > (ratings.rated_at, ratings.event_id);
  return null;
end
$$;
create trigger events_keep_current_ratings
  after insert on events
  referencing new table as added
  for each statement execute function keep_current_ratings();

-- Down Migration

drop table ratings, events, films, logins, profiles, accounts;
drop function keep_current_ratings(), names(jsonb);
