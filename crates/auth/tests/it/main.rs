//! Signing in elsewhere, against a provider that says whatever a test wants.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod oidc;
