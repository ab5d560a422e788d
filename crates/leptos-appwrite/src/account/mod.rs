//! The signed-in user's own account: server functions for pages that an app writes.
//!
//! An app has the parts whose pages its [`Paths`](crate::site::Paths) name; the others are refused.

#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
pub mod devices;
pub mod security;
