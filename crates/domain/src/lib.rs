//! What Usher is about, without any I/O: ids, people, connections, deliveries, and the rules that tie them.
//!
//! Pure and safe for the browser: nothing here reads a clock, rolls dice, opens a socket or touches a database.
//!
//! To add a word of the domain: 1. a module named after the thing; 2. its id in [`ids`]; 3. its rules as plain
//! functions with their tests beside them; 4. a row for it in `storage` and a use case in `directory`.

pub mod attempt;
pub mod branding;
pub mod clock;
pub mod config;
pub mod connection;
pub mod delivery;
pub mod extension;
pub mod figures;
pub mod group;
pub mod identity;
pub mod ids;
pub mod limits;
pub mod link;
pub mod mail;
pub mod onboarding;
pub mod own_profile;
pub mod permission;
pub mod planning;
pub mod provisioner;
pub mod registration;
pub mod second_factor;
pub mod sweep;
pub mod user;
pub mod validation;

pub use clock::{Clock, Dice, Timestamp};
pub use ids::*;
