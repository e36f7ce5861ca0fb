//! The bounds that hold everywhere; docs/limits.md states them for administrators.

/// Characters in a user name.
pub const USER_NAME: usize = 256;
/// Characters in any other single attribute of a user.
pub const ATTRIBUTE: usize = 1024;
/// Characters in a certificate: base64 of 12 kB, more than any in use.
pub const CERTIFICATE: usize = 16 * 1024;
/// Values in one multi-valued attribute.
pub const VALUES: usize = 100;
/// Characters in a connection's name.
pub const CONNECTION_NAME: std::ops::RangeInclusive<usize> = 3..=120;
/// Characters in a connection's description.
pub const CONNECTION_DESCRIPTION: usize = 300;
/// Characters in a connector's property.
pub const PROPERTY: usize = 2048;
/// Characters in a setting of several lines.
pub const LINES: usize = 16_000;
/// Characters in a connector's secret.
pub const SECRET: usize = 4096;
/// Characters in a new password.
pub const PASSWORD: std::ops::RangeInclusive<usize> = 12..=256;
/// Milliseconds that a Blocking provisioner may be waited for.
pub const TIME_LIMIT_MS: std::ops::RangeInclusive<i64> = 100..=60_000;
pub const DEFAULT_TIME_LIMIT_MS: i64 = 10_000;
/// Items on one page of a list of the management API.
pub const PAGE: u32 = 200;
pub const DEFAULT_PAGE: u32 = 50;
/// Connections altogether.
pub const CONNECTIONS: usize = 500;
/// Attempts of one connector in flight at once.
pub const ATTEMPTS_AT_ONCE: usize = 4;
/// Deliveries, people or groups that can be selected at once.
pub const SELECTED: usize = 100;
/// Held deliveries that one order retries; more are left for the next.
pub const RETRIED: usize = 10_000;
/// Characters in a group's name.
pub const GROUP_NAME: usize = 256;
/// Users in one group.
pub const GROUP_MEMBERS: usize = 200_000;
/// Extension schemas altogether.
pub const SCHEMAS: usize = 20;
/// Attributes of one extension schema.
pub const SCHEMA_ATTRIBUTES: usize = 50;
/// Characters in an extension schema's URN.
pub const SCHEMA_URN: usize = 200;
/// Characters in the name of a schema, in an attribute's label, and in a value to choose from.
pub const SCHEMA_NAME: usize = 100;
/// Characters in the description of a schema or an attribute.
pub const SCHEMA_DESCRIPTION: usize = 300;
/// Characters in a custom attribute's name.
pub const ATTRIBUTE_NAME: usize = 64;
/// Values to choose from of one custom attribute.
pub const CANONICAL_VALUES: usize = 100;
/// Bytes of a user's custom attributes together, as JSON.
pub const CUSTOM_VALUES: usize = 64 * 1024;
/// Bytes of a file of people to import.
pub const IMPORT_FILE: usize = 5 * 1024 * 1024;
/// People in one import.
pub const IMPORT_LINES: usize = 10_000;
/// Groups that one line of an import names.
pub const IMPORT_GROUPS: usize = 50;
/// Imports that are looked at or under way at once.
pub const IMPORTS_OPEN: i64 = 20;
