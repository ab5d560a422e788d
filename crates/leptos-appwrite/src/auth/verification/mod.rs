//! Email verification: a link in an email confirms the account's address.
//!
//! [`SendVerification`] sends the link. The page that it opens has a form for [`ConfirmEmail`].

#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod confirm;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod send;
mod sent;
mod state;

pub use confirm::{ConfirmEmail, confirm_email};
pub use send::{SendVerification, send_verification};
pub use sent::is_link_sent;
pub use state::email_is_confirmed;
