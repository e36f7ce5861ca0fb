-- The first version's tables. Why so many at once: the engine's promises (nothing lost, in order, a create safe to
-- repeat, Blocking with staging) rest on rows that every later change would otherwise have to retrofit.
-- Times are microseconds since 1970 in UTC. Ids are UUIDv7 (16 bytes). Names ending in _key are lower-cased.

CREATE TABLE keys (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE users (
    id            BLOB PRIMARY KEY NOT NULL,
    user_name     TEXT NOT NULL,
    user_name_key TEXT NOT NULL,
    external_id   TEXT,
    -- Reserved by an onboarding that waits for Blocking provisioners; only the engine sees it.
    staged        BOOLEAN NOT NULL,
    active        BOOLEAN NOT NULL,
    locked        BOOLEAN NOT NULL,
    excluded      BOOLEAN NOT NULL,
    origin        TEXT NOT NULL,
    role          TEXT,
    profile       TEXT NOT NULL,
    version       BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX users_user_name ON users (user_name_key);
CREATE INDEX users_external_id ON users (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX users_role ON users (role) WHERE role IS NOT NULL;
CREATE INDEX users_staged ON users (id) WHERE staged;
-- Counts and turns the pages of `people` without reading profiles.
CREATE INDEX users_people ON users (id, staged) WHERE NOT staged;

-- What every reader but the engine uses.
CREATE VIEW people AS SELECT * FROM users WHERE NOT staged;

CREATE TABLE user_emails (
    user_id   BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    value_key TEXT NOT NULL,
    PRIMARY KEY (user_id, value_key)
) WITHOUT ROWID;
CREATE INDEX user_emails_value ON user_emails (value_key);

CREATE TABLE passwords (
    user_id    BLOB PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash       TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Clear passwords that a provisioner must pass on: encrypted, a day at most.
CREATE TABLE sealed_passwords (
    user_id    BLOB PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    sealed     BLOB NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sealed_passwords_expires ON sealed_passwords (expires_at);

-- What remains of a deleted user until every target has let go of the account.
CREATE TABLE tombstones (
    user_id    BLOB PRIMARY KEY NOT NULL,
    user_name  TEXT NOT NULL,
    -- The onboarding was refused: the user never was real.
    refused    BOOLEAN NOT NULL,
    origin     TEXT NOT NULL,
    profile    TEXT NOT NULL,
    deleted_at BIGINT NOT NULL
);

CREATE TABLE connections (
    id          BLOB PRIMARY KEY NOT NULL,
    name        TEXT NOT NULL,
    name_key    TEXT NOT NULL,
    description TEXT NOT NULL,
    template    TEXT NOT NULL,
    enabled     BOOLEAN NOT NULL,
    life        TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX connections_name ON connections (name_key) WHERE life = 'active';

CREATE TABLE connectors (
    id            BLOB PRIMARY KEY NOT NULL,
    connection_id BLOB NOT NULL REFERENCES connections (id),
    kind          TEXT NOT NULL,
    enabled       BOOLEAN NOT NULL,
    life          TEXT NOT NULL,
    properties    TEXT NOT NULL,
    generation    BIGINT NOT NULL,
    version       BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX connectors_kind ON connectors (connection_id, kind) WHERE life = 'active';

CREATE TABLE connector_secrets (
    connector_id BLOB NOT NULL REFERENCES connectors (id) ON DELETE CASCADE,
    field        TEXT NOT NULL,
    sealed       BLOB NOT NULL,
    set_at       BIGINT NOT NULL,
    PRIMARY KEY (connector_id, field)
) WITHOUT ROWID;

-- How a connector fares: why it pauses, when it is probed, what was learnt of the target.
CREATE TABLE connector_runs (
    connector_id    BLOB PRIMARY KEY NOT NULL REFERENCES connectors (id) ON DELETE CASCADE,
    pause_kind      TEXT,
    pause_text      TEXT,
    pause_since     BIGINT,
    probe_at        BIGINT,
    probes          BIGINT NOT NULL,
    faults_in_row   BIGINT NOT NULL,
    refusals_in_row BIGINT NOT NULL,
    last_refusal    TEXT,
    learned         TEXT NOT NULL
);

CREATE TABLE provisioners (
    id                  BLOB PRIMARY KEY NOT NULL,
    connection_id       BLOB NOT NULL REFERENCES connections (id),
    connector_id        BLOB NOT NULL REFERENCES connectors (id),
    blocking            BOOLEAN NOT NULL,
    on_blocking_failure TEXT NOT NULL,
    time_limit_ms       BIGINT NOT NULL,
    jit_outbound        BOOLEAN NOT NULL,
    on_delete           TEXT NOT NULL,
    on_leave            TEXT NOT NULL,
    life                TEXT NOT NULL,
    version             BIGINT NOT NULL,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL
);
CREATE UNIQUE INDEX provisioners_connector ON provisioners (connector_id);

-- Deliveries, attempts and links outlive the user and the connector: no foreign keys.
CREATE TABLE deliveries (
    id                BLOB PRIMARY KEY NOT NULL,
    subject_kind      TEXT NOT NULL,
    subject_id        BLOB NOT NULL,
    subject_label     TEXT NOT NULL,
    connector_id      BLOB NOT NULL,
    wanted            TEXT NOT NULL,
    leave             BOOLEAN NOT NULL,
    version           BIGINT NOT NULL,
    delivered_version BIGINT NOT NULL,
    state             TEXT NOT NULL,
    boot              BLOB,
    reason_kind       TEXT,
    reason_text       TEXT,
    due_at            BIGINT NOT NULL,
    priority          BIGINT NOT NULL,
    triggered_by      TEXT NOT NULL,
    fence             BIGINT NOT NULL,
    tries             BIGINT NOT NULL,
    name_key          TEXT,
    intent            TEXT,
    waits_for         BLOB,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL
);
CREATE UNIQUE INDEX deliveries_subject ON deliveries (subject_id, connector_id);
CREATE INDEX deliveries_to_do ON deliveries (connector_id, priority, due_at, id) WHERE state IN ('due', 'waiting');
CREATE INDEX deliveries_next_due ON deliveries (connector_id, due_at) WHERE state IN ('due', 'waiting');
CREATE INDEX deliveries_state ON deliveries (state, id, connector_id);
CREATE INDEX deliveries_connector ON deliveries (connector_id, id);
CREATE INDEX deliveries_connector_state ON deliveries (connector_id, state, id);
CREATE INDEX deliveries_waits_for ON deliveries (waits_for) WHERE waits_for IS NOT NULL;
CREATE INDEX deliveries_name ON deliveries (connector_id, name_key) WHERE state <> 'done';

CREATE TABLE attempts (
    id           BLOB PRIMARY KEY NOT NULL,
    delivery_id  BLOB NOT NULL,
    fence        BIGINT NOT NULL,
    generation   BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    triggered_by TEXT NOT NULL,
    operation    TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    text         TEXT NOT NULL,
    status       BIGINT,
    duration_ms  BIGINT NOT NULL,
    request      TEXT,
    response     TEXT
);
CREATE INDEX attempts_delivery ON attempts (delivery_id, id);

CREATE TABLE links (
    id           BLOB PRIMARY KEY NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id   BLOB NOT NULL,
    connector_id BLOB NOT NULL,
    remote_id    TEXT NOT NULL,
    name_key     TEXT NOT NULL,
    provenance   TEXT NOT NULL,
    generation   BIGINT NOT NULL,
    sent         TEXT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX links_subject ON links (subject_id, connector_id);
-- One remote account belongs to one subject.
CREATE UNIQUE INDEX links_remote ON links (connector_id, generation, subject_kind, remote_id);
CREATE INDEX links_name ON links (connector_id, name_key);
CREATE INDEX links_connector ON links (connector_id, id);

-- The Blocking provisioners that a staged user waits for.
CREATE TABLE awaited (
    user_id         BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provisioner_id  BLOB NOT NULL,
    connector_id    BLOB NOT NULL,
    connection_name TEXT NOT NULL,
    on_failure      TEXT NOT NULL,
    deadline        BIGINT NOT NULL,
    verdict         TEXT NOT NULL,
    PRIMARY KEY (user_id, connector_id)
) WITHOUT ROWID;

CREATE TABLE sweeps (
    id           BLOB PRIMARY KEY NOT NULL,
    connector_id BLOB NOT NULL,
    task         TEXT NOT NULL,
    -- The last delivery that was planned.
    cursor       BLOB,
    total        BIGINT NOT NULL,
    planned      BIGINT NOT NULL,
    finished     BOOLEAN NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE INDEX sweeps_open ON sweeps (id) WHERE NOT finished;

CREATE TABLE sessions (
    id         BLOB PRIMARY KEY NOT NULL,
    token_hash BLOB NOT NULL,
    user_id    BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    address    TEXT NOT NULL,
    agent      TEXT NOT NULL
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE api_tokens (
    id           BLOB PRIMARY KEY NOT NULL,
    name         TEXT NOT NULL,
    token_hash   BLOB NOT NULL,
    scopes       TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at   BIGINT
);
CREATE UNIQUE INDEX api_tokens_token ON api_tokens (token_hash);

-- Rows are chained by a MAC, so that one altered, removed or cut off is found.
CREATE TABLE audit (
    seq           INTEGER PRIMARY KEY,
    at            BIGINT NOT NULL,
    actor_kind    TEXT NOT NULL,
    actor_id      BLOB,
    actor_label   TEXT NOT NULL,
    address       TEXT NOT NULL,
    action        TEXT NOT NULL,
    subject_kind  TEXT NOT NULL,
    subject_id    BLOB,
    subject_label TEXT NOT NULL,
    details       TEXT NOT NULL,
    mac           BLOB NOT NULL
);

CREATE TABLE audit_head (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    seq  BIGINT NOT NULL,
    mac  BLOB NOT NULL,
    seal BLOB NOT NULL
);

-- What earlier steps of a wizard gathered, encrypted.
CREATE TABLE drafts (
    id         BLOB PRIMARY KEY NOT NULL,
    owner      BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    sealed     BLOB NOT NULL,
    expires_at BIGINT NOT NULL
);

-- What a page says once after a form was posted without JavaScript.
CREATE TABLE flashes (
    session_id BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    path       TEXT NOT NULL,
    body       TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (session_id, path)
) WITHOUT ROWID;
