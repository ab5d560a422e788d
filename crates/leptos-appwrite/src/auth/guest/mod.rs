//! Guests: accounts that cannot sign in again until the user saves them with an email address and a password.

#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod enter;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod keep;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod leave;
#[cfg(feature = "ssr")]
pub(crate) mod stays;

pub use enter::{ContinueAsGuest, continue_as_guest};
pub use keep::{KeepAccount, keep_account};
pub use leave::{LeaveGuest, leave_guest};
