-- grain: one row per event_id: events in the window, of viewers who allow personalisation, about films of the catalogue
--   that the viewer lets us use. Every model reads behaviour through this view: consent is a view, never a habit (H.2).
-- key: event_id
-- inputs: source_events (staged events or a cut of them), viewers, films
-- params: as_of, history_days, consent_bit
SELECT e.*
FROM source_events AS e
SEMI JOIN (FROM viewers WHERE (consent & getvariable('consent_bit')) <> 0) AS consenting USING (pid)
SEMI JOIN films USING (film_id)
ANTI JOIN (SELECT pid, unnest(dont_use) AS film_id FROM viewers) AS unused USING (pid, film_id)
WHERE e.ts < getvariable('as_of')
  AND age_days(e.ts) <= getvariable('history_days')
