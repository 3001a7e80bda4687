-- Up Migration

-- What a viewer asked for: not_interested = hide this film, dont_use = what I did with this film counts for nothing.
-- An undo keeps the row, so that every process that serves lists learns of it.
-- No foreign key, as in events: every writer joins profiles, and every reader too.
create table exclusions (
  profile_id text not null,
  film_id text not null,
  kind text not null check (kind in ('not_interested', 'dont_use')),
  is_active boolean not null default true,
  excluded_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  primary key (profile_id, film_id, kind)
);
create index exclusions_by_change on exclusions (changed_at);

-- Likes and bookmarks are read back from events; heartbeats are most of them.
create index events_opinions on events (profile_id, film_id, type, ts)
  where type in ('like', 'unlike', 'dislike', 'undislike', 'bookmark_add', 'bookmark_remove');

-- Down Migration

drop index events_opinions;
drop table exclusions;
