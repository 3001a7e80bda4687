-- whole days between an event and T (params: as_of); an event before T is 0 or more days old
CREATE MACRO age_days(happened_at) AS
  (epoch_us(getvariable('as_of')::TIMESTAMP) - epoch_us(happened_at)) // 86400000000;
