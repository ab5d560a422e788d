//! Password reset by email.

#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod ask;
#[cfg(feature = "ssr")]
mod own_address;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod renew;

pub use ask::{AskRecovery, RecoveryPage, RecoverySentPage};
pub use renew::{NewPasswordPage, SetNewPassword};
