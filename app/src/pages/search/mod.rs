//! Search over people, connections and pages.

pub mod show;
