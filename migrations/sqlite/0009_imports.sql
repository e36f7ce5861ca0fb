-- People who come by a list: what was read stands here from the preview until the result is no longer kept, so that an
-- import goes on after a restart where it stood. Each line is a row whose outcome is written in the transaction that
-- creates its user: nobody is made twice, and no line is lost. What the list said is encrypted; counts are kept beside
-- the import, since counting ten thousand lines each time somebody looks would cost too much.

CREATE TABLE imports (
    id            BLOB PRIMARY KEY NOT NULL,
    -- Who began it, and in whose name it is carried out.
    actor_kind    TEXT NOT NULL,
    actor_id      BLOB,
    actor_label   TEXT NOT NULL,
    address       TEXT NOT NULL,
    -- The file's name; empty for what was pasted.
    source        TEXT NOT NULL,
    stage         TEXT NOT NULL,
    create_groups BOOLEAN NOT NULL,
    -- Lines by what the preview found.
    good          BIGINT NOT NULL,
    groupless     BIGINT NOT NULL,
    bad           BIGINT NOT NULL,
    -- Lines by what became of them.
    created       BIGINT NOT NULL,
    failed        BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    started_at    BIGINT,
    finished_at   BIGINT,
    expires_at    BIGINT NOT NULL
);
CREATE INDEX imports_expires ON imports (expires_at);
-- Those that somebody still has to do something about, or the process.
CREATE INDEX imports_open ON imports (expires_at) WHERE finished_at IS NULL;
CREATE INDEX imports_running ON imports (started_at, id) WHERE stage = 'running';

CREATE TABLE import_rows (
    import_id BLOB NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    number    BIGINT NOT NULL,
    line      BIGINT NOT NULL,
    state     TEXT NOT NULL,
    -- Who came by it; stays when they are deleted.
    user_id   BLOB,
    -- What the list said, and why it is not as it should be.
    sealed    BLOB NOT NULL,
    reason    BLOB,
    PRIMARY KEY (import_id, number)
) WITHOUT ROWID;
CREATE INDEX import_rows_state ON import_rows (import_id, state, number);
CREATE UNIQUE INDEX import_rows_user ON import_rows (user_id) WHERE user_id IS NOT NULL;
