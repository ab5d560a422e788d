//! Guest accounts, and saving them as full accounts.

#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod enter;
mod hint;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod keep;

pub use enter::{ContinueAsGuest, GuestForm};
pub use hint::GuestHint;
pub use keep::{KeepAccount, KeepAccountForm};
