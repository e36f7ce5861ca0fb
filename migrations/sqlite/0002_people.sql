-- The console searches people by the words of their names, user names and addresses, and turns the pages of what it
-- finds in constant time; and it gives people a password by a link that works once.

-- The lower-cased words by which somebody is found, in the order in which they are listed: kept with the user's row.
CREATE TABLE user_terms (
    term          TEXT NOT NULL,
    user_name_key TEXT NOT NULL,
    user_id       BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (term, user_name_key, user_id)
) WITHOUT ROWID;
CREATE INDEX user_terms_user ON user_terms (user_id, term);

-- Whoever was there before is found by user name and address at once, by name after their next change.
INSERT INTO user_terms (term, user_name_key, user_id) SELECT user_name_key, user_name_key, id FROM users;
INSERT OR IGNORE INTO user_terms (term, user_name_key, user_id)
    SELECT value_key, user_name_key, user_id FROM user_emails JOIN users ON users.id = user_emails.user_id;

-- The list of those who are active, or disabled, in the order of their names.
CREATE INDEX users_active ON users (active, user_name_key) WHERE NOT staged;

-- At most one link a user; of its token only the hash is kept. One that was used stays a while, to say so.
CREATE TABLE password_links (
    user_id    BLOB PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE UNIQUE INDEX password_links_token ON password_links (token_hash);
CREATE INDEX password_links_expires ON password_links (expires_at);
