//! The inbox by SMTP, as good and as bad clients speak it, and as a page for people.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod page;
mod smtp;
mod support;
