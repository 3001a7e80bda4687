-- pid of an operational profile id: HMAC-SHA256(key, id), first 16 bytes (RFC 2104; science H.1).
-- params: pid_ipad, pid_opad = the 64-byte key block XOR 0x36… and 0x5c…, as hex text
CREATE MACRO pid_of(profile_id) AS
  left(
    sha256(
      unhex(getvariable('pid_opad'))
      || unhex(sha256(unhex(getvariable('pid_ipad')) || encode(profile_id)))
    ),
    32
  )::UUID;
