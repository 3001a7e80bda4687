-- one of two lists of names, the preferred one unless it is empty; param: prefer_theirs
CREATE MACRO preferred_names(ours, theirs) AS
  if(
    len(coalesce(theirs, [])) > 0 AND (getvariable('prefer_theirs') OR len(coalesce(ours, [])) = 0),
    theirs,
    coalesce(ours, [])
  );
