-- Up Migration

-- A rating taken back: the pair's ratings up to then do not count, whenever they arrive.
create index events_unrated on events (profile_id, film_id, ts) where type = 'unrate';

create or replace function keep_current_ratings() returns trigger language plpgsql as $$
begin
  insert into ratings (profile_id, film_id, value, rated_at, event_id)
  select distinct on (profile_id, film_id) profile_id, film_id, value, ts, event_id
  from added
  where type = 'rating'
    and not exists (
      select from events as undo
      where undo.type = 'unrate' and undo.profile_id = added.profile_id and undo.film_id = added.film_id
        and undo.ts >= added.ts
    )
  order by profile_id, film_id, ts desc, event_id desc
  on conflict (profile_id, film_id) do update
    set value = excluded.value, rated_at = excluded.rated_at, event_id = excluded.event_id
    where (excluded.rated_at, excluded.event_id) > (ratings.rated_at, ratings.event_id);
  delete from ratings using added as undo
  where undo.type = 'unrate' and undo.profile_id = ratings.profile_id and undo.film_id = ratings.film_id
    and undo.ts >= ratings.rated_at;
  return null;
end
$$;

-- Films played to their end, the last tenth being credits: the end is known from one event, without adding up intervals.
-- For lists between nights; whether a film was watched is worked out by the night, from all that was played.
create table finishes (
  profile_id text not null,
  film_id text not null,
  finished_at timestamptz not null,
  changed_at timestamptz not null default now(),
  primary key (profile_id, film_id)
);
create index finishes_by_change on finishes (changed_at);

create function keep_finishes() returns trigger language plpgsql as $$
begin
  insert into finishes (profile_id, film_id, finished_at)
  select profile_id, film_id, max(ts)
  from added join films using (film_id)
  where type in ('play_heartbeat', 'play_end') and to_ms >= 54000 * runtime_min
  group by profile_id, film_id
  order by profile_id, film_id
  on conflict (profile_id, film_id) do update
    set finished_at = greatest(finishes.finished_at, excluded.finished_at), changed_at = now();
  return null;
end
$$;
create trigger events_keep_finishes
  after insert on events
  referencing new table as added
  for each statement execute function keep_finishes();

-- What was said of films since a process last asked.
create index events_said on events (ingested_at)
  where type in ('like', 'unlike', 'dislike', 'undislike', 'rating', 'unrate');

-- Down Migration

drop index events_said;
drop trigger events_keep_finishes on events;
drop function keep_finishes();
drop table finishes;
create or replace function keep_current_ratings() returns trigger language plpgsql as $$
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
drop index events_unrated;
