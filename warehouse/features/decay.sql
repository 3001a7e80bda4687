-- grain: one row per (signal, age_days): 2^(-age/H) in whole millionths, from core/feedback
-- key: signal, age_days
-- params: decay_signals, decay_ages, decay_micros (parallel lists)
SELECT
  unnest(getvariable('decay_signals')) AS signal,
  unnest(getvariable('decay_ages')) AS age_days,
  unnest(getvariable('decay_micros')) AS decay_micro,
