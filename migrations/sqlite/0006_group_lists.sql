-- The console lists groups, and who is in one, in the order of names, and searches both: a page costs the same in a
-- group of a hundred thousand as in one of ten.

-- The lower-cased words by which a group is found, in the order in which they are listed: kept with the group's row.
CREATE TABLE group_terms (
    term     TEXT NOT NULL,
    name_key TEXT NOT NULL,
    group_id BLOB NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    PRIMARY KEY (term, name_key, group_id)
) WITHOUT ROWID;
CREATE INDEX group_terms_group ON group_terms (group_id, term);

-- Groups that were there before are found by the beginning of their whole name at once, by each word after their next
-- change.
INSERT INTO group_terms (term, name_key, group_id) SELECT name_key, name_key, id FROM groups;

-- The member's user name, for the order. Kept here, so that it holds by whatever way a member comes or is renamed.
ALTER TABLE group_members ADD COLUMN user_name_key TEXT NOT NULL DEFAULT '';
UPDATE group_members SET user_name_key = (SELECT user_name_key FROM users WHERE users.id = group_members.user_id);
CREATE INDEX group_members_name ON group_members (group_id, user_name_key, user_id);

CREATE TRIGGER group_members_named AFTER INSERT ON group_members
BEGIN
    UPDATE group_members SET user_name_key = (SELECT user_name_key FROM users WHERE id = NEW.user_id)
        WHERE group_id = NEW.group_id AND user_id = NEW.user_id;
END;
CREATE TRIGGER group_members_renamed AFTER UPDATE OF user_name_key ON users
    WHEN NEW.user_name_key <> OLD.user_name_key
BEGIN
    UPDATE group_members SET user_name_key = NEW.user_name_key WHERE user_id = NEW.id;
END;
