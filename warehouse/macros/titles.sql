-- MovieLens files titles under their first noun: "Graduate, The", "Avventura, L' (Adventure, The)" → "The Graduate",
-- "L'Avventura (The Adventure)". The title itself first, then other titles in brackets.
CREATE MACRO article_first(title) AS
  regexp_replace(
    regexp_replace(
      regexp_replace(
        title,
        '^([^()]+), (The|A|An|Der|Die|Das|Le|La|Les|L''|Il|El|Los|Las|Un|Une)(\s*\(|\s*$)',
        '\2 \1\3'
      ),
      '\((a\.k\.a\. )?([^()]+), (The|A|An|Der|Die|Das|Le|La|Les|L''|Il|El|Los|Las|Un|Une)\s*\)',
      '(\1\3 \2)',
      'g'
    ),
    '(^|\(|\(a\.k\.a\. )L'' ',
    '\1L''',
    'g'
  );
