-- severity of a check: block above one bound, warn above a lower one
CREATE MACRO severity(observed, warn_above, block_above) AS CASE
  WHEN observed > block_above THEN 'block'
  WHEN observed > warn_above THEN 'warn'
  ELSE 'ok'
END;
