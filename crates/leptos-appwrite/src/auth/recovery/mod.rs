//! Password recovery: a link in an email sets a new password.
//!
//! [`AskRecovery`] sends the link. The page that it opens has a form for [`SetNewPassword`].

#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod ask;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod renew;

pub use ask::{AskRecovery, ask_recovery};
pub use renew::{SetNewPassword, set_new_password};
