-- certificates as people write them, as JSON by scheme: a JSON object {"MPA": ["PG"]}, MPA:PG|BBFC:12A, or a bare PG (= MPA)
CREATE MACRO certificates_of(written) AS
  CASE
    WHEN written IS NULL OR trim(written) = '' THEN '{}'
    WHEN starts_with(trim(written), '{') AND json_valid(written) THEN written
    ELSE to_json(
      map_from_entries(
        list_transform(
          list_sort(list_distinct(
            list_transform(
              names_of(written),
              lambda c: CASE WHEN contains(c, ':') THEN upper(trim(split_part(c, ':', 1))) ELSE 'MPA' END
            )
          )),
          lambda scheme: {
            'key': scheme,
            'value': list_transform(
              list_filter(
                names_of(written),
                lambda c: CASE
                  WHEN contains(c, ':') THEN upper(trim(split_part(c, ':', 1))) = scheme
                  ELSE scheme = 'MPA'
                END
              ),
              lambda c: CASE WHEN contains(c, ':') THEN trim(split_part(c, ':', 2)) ELSE c END
            )
          }
        )
      )
    )::VARCHAR
  END;
