-- a point in time as people write it: ISO 8601 (no offset = UTC), unix seconds, or unix milliseconds; else NULL
-- A cast to TIMESTAMP is three times faster than one to TIMESTAMPTZ, but drops an offset without a word: only a time of day
-- (from character 12 on) that has one takes the slow way. The Z of most files is asked for first, as looking for signs costs more.
CREATE MACRO instant_of(written) AS
  coalesce(
    CASE
      WHEN suffix(written, 'Z') THEN TRY_CAST(written AS TIMESTAMP)
      WHEN contains(substr(written, 12), '+') OR contains(substr(written, 12), '-')
        THEN TRY_CAST(TRY_CAST(written AS TIMESTAMPTZ) AS TIMESTAMP)
      ELSE TRY_CAST(written AS TIMESTAMP)
    END,
    CASE
      WHEN TRY_CAST(written AS BIGINT) BETWEEN 0 AND 99999999999
        THEN make_timestamp(TRY_CAST(written AS BIGINT) * 1000000)
      WHEN TRY_CAST(written AS BIGINT) BETWEEN 100000000000 AND 99999999999999
        THEN make_timestamp(TRY_CAST(written AS BIGINT) * 1000)
    END
  );
