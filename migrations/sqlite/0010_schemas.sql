-- An administrator adds attributes of their own to users: extension schemas (RFC 7643 section 3.3), whose values stay
-- in the users' profiles.

-- Few, and read whole; the attributes are a list in JSON, in the order in which they are shown.
CREATE TABLE schemas (
    id          BLOB PRIMARY KEY NOT NULL,
    urn         TEXT NOT NULL,
    urn_key     TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    attributes  TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX schemas_urn ON schemas (urn_key);

-- Who has a value of which attribute: to say how many before it is deleted, to find them when it is, and to keep unique
-- values unique, with one look into an index however many people there are. Whoever has no custom value has no row.
CREATE TABLE attribute_values (
    attribute_id BLOB NOT NULL,
    user_id      BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- As values compare; of attributes whose values are unique alone.
    unique_key   TEXT,
    PRIMARY KEY (attribute_id, user_id)
) WITHOUT ROWID;
CREATE INDEX attribute_values_user ON attribute_values (user_id);
CREATE UNIQUE INDEX attribute_values_unique ON attribute_values (attribute_id, unique_key) WHERE unique_key IS NOT NULL;

-- Attributes that were deleted and whose values are being removed, batch by batch. Until then their name is not free.
CREATE TABLE removed_attributes (
    attribute_id BLOB PRIMARY KEY NOT NULL,
    urn          TEXT NOT NULL,
    name         TEXT NOT NULL,
    -- How many users have lost their value so far.
    users        BIGINT NOT NULL,
    created_at   BIGINT NOT NULL
);
