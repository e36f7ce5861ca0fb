-- Connections that sign people in: their settings, who came by which of them, and sign-ins that are under way. What is
-- under way is encrypted, found by the hash of a token, and gone after ten minutes.

CREATE TABLE identity_providers (
    connection_id BLOB PRIMARY KEY NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    settings      TEXT NOT NULL,
    secret        BLOB,
    secret_at     BIGINT,
    version       BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);

-- Who somebody is at a provider: its connection and its subject, and nothing else.
CREATE TABLE provider_links (
    id            BLOB PRIMARY KEY NOT NULL,
    connection_id BLOB NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    subject       TEXT NOT NULL,
    user_id       BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    label         TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    seen_at       BIGINT NOT NULL
);
CREATE UNIQUE INDEX provider_links_subject ON provider_links (connection_id, subject);
CREATE INDEX provider_links_user ON provider_links (user_id, id);

CREATE TABLE sign_ins (
    id            BLOB PRIMARY KEY NOT NULL,
    token_hash    BLOB NOT NULL,
    connection_id BLOB NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    sealed        BLOB NOT NULL,
    expires_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX sign_ins_token ON sign_ins (token_hash);
CREATE INDEX sign_ins_expires ON sign_ins (expires_at);

-- The provider's sign-out tokens that were taken, so that none is taken twice.
CREATE TABLE logout_tokens (
    connection_id BLOB NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    token_id      TEXT NOT NULL,
    expires_at    BIGINT NOT NULL,
    PRIMARY KEY (connection_id, token_id)
) WITHOUT ROWID;

-- Where a session came from: a provider may end it, and is told when it ends here.
ALTER TABLE sessions ADD COLUMN connection_id BLOB;
ALTER TABLE sessions ADD COLUMN provider_session TEXT;
ALTER TABLE sessions ADD COLUMN id_token BLOB;
