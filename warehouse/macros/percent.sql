-- a share as a person reads it: 1.25 %
CREATE MACRO percent(share) AS format('{:.2f} %', 100 * share);
