//! SCIM 2.0 (RFC 7643 and RFC 7644) as plain functions on [`serde_json::Value`]: no server, no database, no clock.
//!
//! The SCIM endpoint, storage, the outbound connector and the rehearsal targets all read and write SCIM through this
//! crate. Documents stay JSON; only users become a domain type.
//!
//! | room | what for |
//! |---|---|
//! | [`schema`] | attribute definitions as data; everything below reads them |
//! | [`filter`] | filters: text to tree and back, matching in memory |
//! | [`path`] | attribute names and PATCH paths |
//! | [`patch`] | PATCH bodies, and applying them to a document |
//! | [`discovery`] | what clients learn the service by |
//! | [`user`], [`group`] | documents to `domain` and back |
//! | [`list`], [`projection`], [`sort`], [`cursor`] | what a query asks for, and the answer |
//! | [`bulk`] | many operations in one request, with references between them |
//! | [`client`] | the outbound side: liberal reading, PATCH and PUT bodies |
//! | [`error`] | the one error, with its SCIM body |
//!
//! Where does it go? An attribute: one line in its module under `schema/`; discovery, filters, PATCH, projection and
//! validation follow from it. A resource type: its schema, a function beside [`schema::user()`], and its reading and
//! writing in a module like [`user`]. A keyword of an error: [`ScimType`] and a constructor of [`ScimError`]. A habit
//! of some client that the RFC does not allow: where documents come in, `schema/normalise.rs` for values and
//! `patch/parse.rs` for operations, with a test that shows what is sent.

pub mod bulk;
pub mod client;
pub mod cursor;
pub mod discovery;
pub mod error;
pub mod filter;
pub mod group;
pub mod list;
pub mod patch;
pub mod path;
pub mod projection;
pub mod schema;
pub mod sort;
pub mod urn;
pub mod user;

pub use error::{ScimError, ScimType};
pub use filter::Filter;
pub use path::{AttributePath, PatchPath};
