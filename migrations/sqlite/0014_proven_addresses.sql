-- A link that somebody asked for themselves no longer takes the place of one that an administrator gave: a stranger who
-- asks in somebody's name would void their invitation. And what an alert says is kept apart from how its sending went.

CREATE TABLE password_links_by_giver (
    user_id    BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- 'given' by an administrator, or 'asked' for by whoever forgot their password; the latter goes by mail alone.
    giver      TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (user_id, giver)
);
INSERT INTO password_links_by_giver (user_id, giver, token_hash, created_at, expires_at, used_at)
SELECT user_id, 'given', token_hash, created_at, expires_at, used_at FROM password_links;
DROP TABLE password_links;
ALTER TABLE password_links_by_giver RENAME TO password_links;
CREATE UNIQUE INDEX password_links_token ON password_links (token_hash);
CREATE INDEX password_links_expires ON password_links (expires_at);

ALTER TABLE mails ADD COLUMN words TEXT NOT NULL DEFAULT '';
CREATE INDEX sessions_provider ON sessions (connection_id, provider_session) WHERE connection_id IS NOT NULL;
