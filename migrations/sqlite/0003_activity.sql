-- What Activity and Home show, at the same cost with a million deliveries as with ten: indexes in the order of the
-- last change, figures that are kept as results are written, counts that are kept rather than counted; and what the
-- erasure of old requests and responses goes by.

-- Since when there is something to deliver: what a wait is measured from. The name without regard to case, for search.
ALTER TABLE deliveries ADD COLUMN open_since BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN subject_key TEXT NOT NULL DEFAULT '';
-- The kind of reason for which it is held, if it is: what is held is found by it however much is not.
ALTER TABLE deliveries ADD COLUMN held_for TEXT GENERATED ALWAYS AS (CASE WHEN state = 'held' THEN reason_kind END);
-- Since when it waits to be delivered, if it does: the oldest is found by it.
ALTER TABLE deliveries ADD COLUMN waits_since BIGINT
    GENERATED ALWAYS AS (CASE WHEN state IN ('due', 'running', 'waiting') THEN open_since END);
UPDATE deliveries SET open_since = updated_at, subject_key = LOWER(subject_label);

CREATE INDEX deliveries_changed ON deliveries (updated_at, id);
CREATE INDEX deliveries_state_changed ON deliveries (state, updated_at, id, connector_id);
CREATE INDEX deliveries_connector_changed ON deliveries (connector_id, updated_at, id);
CREATE INDEX deliveries_connector_state_changed ON deliveries (connector_id, state, updated_at, id);
CREATE INDEX deliveries_subject_key ON deliveries (subject_key, id);
CREATE INDEX deliveries_waits_since ON deliveries (waits_since) WHERE waits_since IS NOT NULL;
-- What is held, by system and reason.
CREATE INDEX deliveries_held ON deliveries (connector_id, held_for, reason_text, id) WHERE held_for IS NOT NULL;

-- Results of five minutes at one connector. Kept two days.
CREATE TABLE figures (
    at           BIGINT NOT NULL,
    connector_id BLOB NOT NULL,
    delivered    BIGINT NOT NULL,
    retried      BIGINT NOT NULL,
    held         BIGINT NOT NULL,
    PRIMARY KEY (at, connector_id)
) WITHOUT ROWID;

-- How long things took that were finished within one hour: a histogram, whose buckets domain::figures defines. Kept two
-- days.
CREATE TABLE durations (
    measure TEXT NOT NULL,
    at      BIGINT NOT NULL,
    bucket  BIGINT NOT NULL,
    count   BIGINT NOT NULL,
    PRIMARY KEY (measure, at, bucket)
) WITHOUT ROWID;

-- Numbers of rows that are shown often and would take long to count: 'people' (id empty), and 'accounts' by connector.
CREATE TABLE tallies (
    what  TEXT NOT NULL,
    id    BLOB NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (what, id)
) WITHOUT ROWID;
INSERT INTO tallies (what, id, count) SELECT 'people', x'', COUNT(*) FROM people;
INSERT INTO tallies (what, id, count) SELECT 'accounts', connector_id, COUNT(*) FROM links GROUP BY connector_id;

CREATE TRIGGER tallies_user_made AFTER INSERT ON users WHEN NOT NEW.staged BEGIN
    UPDATE tallies SET count = count + 1 WHERE what = 'people' AND id = x'';
END;
CREATE TRIGGER tallies_user_gone AFTER DELETE ON users WHEN NOT OLD.staged BEGIN
    UPDATE tallies SET count = count - 1 WHERE what = 'people' AND id = x'';
END;
CREATE TRIGGER tallies_user_real AFTER UPDATE OF staged ON users WHEN NEW.staged <> OLD.staged BEGIN
    UPDATE tallies SET count = count + CASE WHEN NEW.staged THEN -1 ELSE 1 END WHERE what = 'people' AND id = x'';
END;
CREATE TRIGGER tallies_account_linked AFTER INSERT ON links BEGIN
    INSERT INTO tallies (what, id, count) VALUES ('accounts', NEW.connector_id, 1)
        ON CONFLICT (what, id) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER tallies_account_let_go AFTER DELETE ON links BEGIN
    UPDATE tallies SET count = count - 1 WHERE what = 'accounts' AND id = OLD.connector_id;
END;

-- Bodies of attempts still kept, oldest first.
CREATE INDEX attempts_bodies ON attempts (at) WHERE request IS NOT NULL OR response IS NOT NULL;

-- Deleted users whose tombstone is settled: when the bodies of their attempts are erased.
CREATE TABLE erasures (
    user_id BLOB PRIMARY KEY NOT NULL,
    due_at  BIGINT NOT NULL
);
CREATE INDEX erasures_due ON erasures (due_at);
