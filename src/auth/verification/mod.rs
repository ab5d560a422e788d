//! Email verification.

mod banner;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod confirm;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod send;

pub use banner::VerificationBanner;
pub use confirm::{ConfirmEmail, ConfirmPage};
pub use send::{SendVerification, email_is_confirmed};
