-- grain: one row per certificate that is known
-- key: scheme, label
-- Twin of src/core/age-gate/certificate-table.ts, on purpose written a second time: the audit must not share its mistakes.
-- label: upper case, without spaces, dashes and a leading RATED; min_age 99 = never listed
SELECT *
FROM (
  VALUES
    ('MPA', 'G', 0), ('MPA', 'PG', 10), ('MPA', 'PG13', 13), ('MPA', 'R', 17), ('MPA', 'NC17', 18), ('MPA', 'X', 18),
    ('BBFC', 'U', 0), ('BBFC', 'PG', 8), ('BBFC', '12A', 12), ('BBFC', '12', 12), ('BBFC', '15', 15),
    ('BBFC', '18', 18), ('BBFC', 'R18', 99),
    ('FSK', '0', 0), ('FSK', '6', 6), ('FSK', '12', 12), ('FSK', '16', 16), ('FSK', '18', 18),
    ('KMRB', 'ALL', 0), ('KMRB', '전체관람가', 0), ('KMRB', '12', 12), ('KMRB', '12세이상관람가', 12),
    ('KMRB', '15', 15), ('KMRB', '15세이상관람가', 15), ('KMRB', '18', 19), ('KMRB', '19', 19),
    ('KMRB', '청소년관람불가', 19), ('KMRB', 'RESTRICTED', 99), ('KMRB', '제한상영가', 99),
    ('CBFC', 'U', 0), ('CBFC', 'UA', 12), ('CBFC', 'UA7+', 7), ('CBFC', 'UA13+', 13), ('CBFC', 'UA16+', 16),
    ('CBFC', 'A', 18), ('CBFC', 'S', 99)
) AS t (scheme, label, min_age)
