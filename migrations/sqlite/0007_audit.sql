-- The audit trail is kept for a set time, and read by whoever looks for something in it.
-- What is trimmed away leaves a checkpoint, sealed like the head: verification starts there.

CREATE TABLE audit_start (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    seq  BIGINT NOT NULL,
    mac  BLOB NOT NULL,
    seal BLOB NOT NULL
);

-- Newest first is by time, then by number, which is SQLite's row id and so ends every index; each filter has one. Names
-- are compared as an expression rather than by a column, which the chain's MAC would not cover.
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_action ON audit (action, at);
CREATE INDEX audit_actor ON audit (LOWER(actor_label), at);
CREATE INDEX audit_subject ON audit (LOWER(subject_label), at);
CREATE INDEX audit_subject_id ON audit (subject_id, at) WHERE subject_id IS NOT NULL;
