//! The engine against Acme Cloud, its clock moved by hand, stepped until idle: nothing sleeps.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod activity;
mod answers;
mod attributes;
mod crashes;
mod creating;
mod failures;
mod gates;
mod imports;
mod joiners;
mod names;
mod onboarding;
mod passwords;
mod removals;
mod support;
