-- Mail, and what an administrator sets for the whole organization. A mail commits with the change that it tells of, is
-- sent by the engine, tried again and listed, like a delivery; but it is never coalesced. The link in it is made when
-- it is sent and only its hash is kept elsewhere, so nothing here opens anything.

CREATE TABLE settings (
    name       TEXT PRIMARY KEY NOT NULL,
    value      TEXT NOT NULL,
    version    BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE mails (
    id         BLOB PRIMARY KEY NOT NULL,
    kind       TEXT NOT NULL,
    recipient  TEXT NOT NULL,
    name       TEXT NOT NULL,
    -- The user or the registration that it is for.
    about      BLOB,
    state      TEXT NOT NULL,
    text       TEXT NOT NULL,
    tries      BIGINT NOT NULL,
    due_at     BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX mails_due ON mails (state, due_at, id);
CREATE INDEX mails_state ON mails (state, id);
CREATE INDEX mails_done ON mails (updated_at) WHERE state <> 'due';
