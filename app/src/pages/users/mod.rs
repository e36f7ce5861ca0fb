//! People: the list, the wizard that adds one, and one person with their accounts.

pub mod delete;
pub mod disable;
pub mod explain;
pub mod list;
pub mod new;
pub mod password;
pub mod profile;
pub mod provisioning;
pub mod sessions;
pub mod show;
