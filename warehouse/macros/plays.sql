-- events of watching
CREATE MACRO is_play(event_type) AS event_type IN ('play_start', 'play_heartbeat', 'play_end');
