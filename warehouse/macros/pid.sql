-- HMAC-SHA256(key, text) as hex (RFC 2104)
-- params: pid_ipad, pid_opad = the 64-byte key block XOR 0x36… and 0x5c…, as hex text
CREATE MACRO keyed_hash(written) AS
  sha256(
    unhex(getvariable('pid_opad')) || unhex(sha256(unhex(getvariable('pid_ipad')) || encode(written)))
  );
-- pid of an operational profile id: the first 16 bytes of its keyed hash (science H.1)
CREATE MACRO pid_of(profile_id) AS left(keyed_hash(profile_id), 32)::UUID;
-- a session id as the warehouse knows it: 8 bytes, for frontends write profile ids into theirs (science H.1). The prefix
-- keeps a session that is named as a profile from having the beginning of its pid.
CREATE MACRO session_of(session_id) AS left(keyed_hash('session' || chr(31) || session_id), 16);
-- the fields of a refused event, its session id made opaque; `_session` says that it is already
CREATE MACRO with_session(fields, session_id) AS CASE
  WHEN session_id IS NULL THEN fields
  ELSE json_merge_patch(fields, json_object('_session', session_of(session_id)))::VARCHAR
END;
