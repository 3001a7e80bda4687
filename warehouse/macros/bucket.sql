-- bucket of a pid: its first 16 bits mod n, n a power of two
CREATE MACRO bucket_of(pid, n) AS ('0x' || left(pid::VARCHAR, 4))::INTEGER % n;
