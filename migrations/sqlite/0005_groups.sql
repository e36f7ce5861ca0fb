-- Groups of people, for SCIM and the console, and what SCIM's filters need to find users by any attribute.
-- A membership is a row of its own, so that one more costs the same in a group of a hundred thousand; the number of
-- members is kept beside the group, since counting them would not.

CREATE TABLE groups (
    id           BLOB PRIMARY KEY NOT NULL,
    display_name TEXT NOT NULL,
    name_key     TEXT NOT NULL,
    external_id  TEXT,
    size         BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX groups_name ON groups (name_key);
CREATE INDEX groups_external_id ON groups (external_id) WHERE external_id IS NOT NULL;

CREATE TABLE group_members (
    group_id BLOB NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    user_id  BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
) WITHOUT ROWID;
CREATE INDEX group_members_user ON group_members (user_id, group_id);

-- Here, so that whoever is deleted is no longer counted, by whatever way.
CREATE TRIGGER group_members_come AFTER INSERT ON group_members
BEGIN
    UPDATE groups SET size = size + 1 WHERE id = NEW.group_id;
END;
CREATE TRIGGER group_members_go AFTER DELETE ON group_members
BEGIN
    UPDATE groups SET size = size - 1 WHERE id = OLD.group_id;
END;

-- The profile with its texts lower-cased, where LOWER() would not do: it knows ASCII alone. NULL for everybody else.
ALTER TABLE users ADD COLUMN folded TEXT;
