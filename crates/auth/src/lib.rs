//! Who is calling and what they may do: passwords, tokens, sessions, rate limits, proofs of work, signing in elsewhere,
//! and the proof of a permission.
//!
//! A use case takes `&Authorised<P>`; only [`Caller::authorise`] makes one. To add a permission: a variant of
//! `domain::permission::Permission`, and a line in [`grants`]. Other people's identity providers are asked by
//! [`oidc::Oidc`].

mod caller;
pub mod grants;
mod limits;
pub mod oidc;
mod password;
mod proof_of_work;
pub mod second_factor;
mod token;

pub use caller::{Authorised, Caller, Denied, Who};
pub use limits::{RegistrationLimits, SignInLimits, TooMany};
pub use password::Hasher;
pub use proof_of_work::{ProofOfWork, Unproven};
pub use token::{Token, hash_token};
