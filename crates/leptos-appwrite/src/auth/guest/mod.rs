//! Guests: accounts without a way to sign in again, until the user saves them with an email address and a password.

#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod enter;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod keep;

pub use enter::{ContinueAsGuest, continue_as_guest};
pub use keep::{KeepAccount, keep_account};
