-- The list of people is narrowed by role, state, origin, group and how their accounts stand, and listed by name, creation
-- or last change: an index for each of these that may leave few of many, so that a page costs the same in any directory.
-- What needs none is asked of each entry that another index leads to. Ids rise with time: by them goes creation.

-- Who holds a role, in the order of user names.
DROP INDEX users_role;
CREATE INDEX users_role ON users (role, user_name_key) WHERE role IS NOT NULL;

CREATE INDEX users_changed ON users (updated_at, id) WHERE NOT staged;
CREATE INDEX users_origin ON users (origin, user_name_key) WHERE NOT staged;
CREATE INDEX users_origin_created ON users (origin, id) WHERE NOT staged;

-- Those who cannot sign in are few, and so are these entries.
CREATE INDEX users_locked ON users (locked, user_name_key) WHERE locked = TRUE AND NOT staged;
CREATE INDEX users_locked_created ON users (locked, id) WHERE locked = TRUE AND NOT staged;
CREATE INDEX users_locked_changed ON users (locked, updated_at, id) WHERE locked = TRUE AND NOT staged;
CREATE INDEX users_disabled_created ON users (active, id) WHERE active = FALSE AND NOT staged;
CREATE INDEX users_disabled_changed ON users (active, updated_at, id) WHERE active = FALSE AND NOT staged;

-- Whose accounts wait, and whose are held, in the order of names.
CREATE INDEX deliveries_open_names ON deliveries (subject_key, subject_id) WHERE waits_since IS NOT NULL;
CREATE INDEX deliveries_held_names ON deliveries (subject_key, subject_id) WHERE held_for IS NOT NULL;
