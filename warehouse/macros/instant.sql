-- a point in time as people write it: ISO 8601 (no offset = UTC), unix seconds, or unix milliseconds; else NULL
CREATE MACRO instant_of(written) AS
  CASE
    WHEN TRY_CAST(written AS BIGINT) IS NULL
      THEN TRY_CAST(TRY_CAST(written AS TIMESTAMPTZ) AS TIMESTAMP)
    WHEN TRY_CAST(written AS BIGINT) BETWEEN 0 AND 99999999999
      THEN make_timestamp(TRY_CAST(written AS BIGINT) * 1000000)
    WHEN TRY_CAST(written AS BIGINT) BETWEEN 100000000000 AND 99999999999999
      THEN make_timestamp(TRY_CAST(written AS BIGINT) * 1000)
  END;
