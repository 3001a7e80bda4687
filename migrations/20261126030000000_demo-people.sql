-- Up Migration

-- Made-up people of the demo: whoever tries the shop may be one of them, without a password. Nobody else ever.
alter table profiles add column is_demo boolean not null default false;

-- Until now the end of the display name said so; only the demo's own ids are believed.
update profiles set is_demo = true, name = left(name, -length(' (simulated)'))
where name like '% (simulated)'
  and (profile_id, account_id) in (
    ('ada', 'account-ada'), ('bruno', 'account-bruno'), ('chitra', 'account-chitra'), ('dora', 'account-dora'),
    ('emil', 'account-emil'), ('emil-jr', 'account-emil'), ('mia', 'account-dora'), ('noah', 'account-bruno'));

-- Down Migration

update profiles set name = name || ' (simulated)' where is_demo;
alter table profiles drop column is_demo;
