-- row `watch f` of the signal table (science A.3): strength of one viewing in millionths; twin of core/feedback/watch.ts
-- params: ignored_below, abandoned_below, rises_from, full_from (shares in millionths), abandoned_min_ms, abandoned_micro
CREATE MACRO watch_strength(share_micro, watched_ms) AS CASE
  WHEN share_micro IS NULL OR share_micro < getvariable('ignored_below')::BIGINT THEN 0
  WHEN share_micro < getvariable('abandoned_below')::BIGINT THEN
    CASE WHEN watched_ms >= getvariable('abandoned_min_ms')::BIGINT THEN getvariable('abandoned_micro')::BIGINT ELSE 0 END
  WHEN share_micro >= getvariable('full_from')::BIGINT THEN 1000000
  ELSE greatest(share_micro - getvariable('rises_from')::BIGINT, 0) * 1000000
    // (getvariable('full_from')::BIGINT - getvariable('rises_from')::BIGINT)
END;
