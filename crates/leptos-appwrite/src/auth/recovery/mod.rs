//! Password recovery: a link in an email sets a new password.
//!
//! [`AskRecovery`] sends the link. The page that it opens has a form for [`SetNewPassword`] with [`RecoveryLinkFields`].

#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod ask;
mod fields;
#[cfg(feature = "ssr")]
mod own_address;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod renew;

pub use ask::{AskRecovery, ask_recovery};
pub use fields::RecoveryLinkFields;
pub use renew::{SetNewPassword, set_new_password};

/// The query parameter of the link, and the field of the form, that holds the hashes of the account's address.
const OWN_ADDRESS: &str = "own";
