-- the part of an occurrence that still fits under the cap, when `running` is the sum of strengths up to and with it
CREATE MACRO counted_micro(strength, running, cap) AS least(running, cap) - least(running - strength, cap);
