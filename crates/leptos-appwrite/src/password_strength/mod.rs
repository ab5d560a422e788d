//! The strength of a new password, estimated in the browser while the user types.
//!
//! The estimate needs no dictionary, so it rates cautiously. It is only advice; the server decides which passwords to
//! refuse.

#[cfg(any(test, not(feature = "ssr")))]
mod estimate;
mod kind;
#[cfg(all(not(feature = "ssr"), split))]
mod part;
#[cfg(all(not(feature = "ssr"), not(split)))]
#[path = "part/whole.rs"]
mod part;

#[cfg(not(feature = "ssr"))]
pub(crate) use estimate::Typed;
pub use kind::PasswordStrength;

/// The minimum password length that Appwrite accepts, in characters.
pub(crate) const SHORTEST_PASSWORD: usize = 8;
#[cfg(not(feature = "ssr"))]
pub(crate) use part::estimate;
