-- share of a film watched in millionths, at most the whole; NULL, never 0, when the runtime is unknown
CREATE MACRO share_micro(watched_ms, runtime_min) AS CASE
  WHEN runtime_min IS NOT NULL THEN least(1000000, (watched_ms * 1000000) // (runtime_min * 60000))
END;
