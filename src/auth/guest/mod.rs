//! Guests: people of whom nothing is known, until they keep the account.

#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod enter;
mod hint;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod keep;

pub use enter::{ContinueAsGuest, GuestForm};
pub use hint::GuestHint;
pub use keep::{KeepAccount, KeepAccountForm};
