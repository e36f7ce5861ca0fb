-- Self-registration: who has registered and is yet to show that the address is theirs. What they typed is encrypted. The
-- link's token comes with the mail; the browser that registered holds another, so that somebody who is sent a stranger's
-- link does not end up in the stranger's account.

CREATE TABLE registrations (
    id           BLOB PRIMARY KEY NOT NULL,
    token_hash   BLOB,
    browser_hash BLOB NOT NULL,
    mail_key     TEXT NOT NULL,
    sealed       BLOB NOT NULL,
    -- Who came of it: staged, real, or activated at once and not verified.
    user_id      BLOB,
    verified     BOOLEAN NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX registrations_token ON registrations (token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX registrations_user ON registrations (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX registrations_expires ON registrations (expires_at);
