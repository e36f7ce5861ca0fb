-- Somebody wants another mail address. It becomes theirs once they follow the link that was sent there, signed in as
-- themselves; until then nobody is found by it. The link's token comes with the mail, and only its hash is kept.

CREATE TABLE address_changes (
    user_id    BLOB PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    address    TEXT NOT NULL,
    token_hash BLOB,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE UNIQUE INDEX address_changes_token ON address_changes (token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX address_changes_expires ON address_changes (expires_at);
