-- Second factors: what somebody shows beside their password. What is kept of one is encrypted, recovery codes are
-- hashed. A session that has passed the first step alone is `half`: it opens nothing but the second, and ends after a
-- few wrong tries. What is being set up or asked belongs to one session and is used once.

CREATE TABLE second_factors (
    id         BLOB PRIMARY KEY NOT NULL,
    user_id    BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    name       TEXT NOT NULL,
    sealed     BLOB NOT NULL,
    -- Of a passkey: no two users have the same.
    credential BLOB,
    -- Of an app: the step whose code was used last.
    last_step  BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX second_factors_user ON second_factors (user_id, id);
CREATE UNIQUE INDEX second_factors_credential ON second_factors (credential) WHERE credential IS NOT NULL;

CREATE TABLE recovery_codes (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash    BLOB NOT NULL,
    PRIMARY KEY (user_id, hash)
) WITHOUT ROWID;

CREATE TABLE second_steps (
    session_id BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    purpose    TEXT NOT NULL,
    sealed     BLOB NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (session_id, purpose)
) WITHOUT ROWID;

ALTER TABLE sessions ADD COLUMN half BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE sessions ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
