//! Email verification: a link in an email confirms the account's address.
//!
//! [`SendVerification`] sends the link. The page that it opens has a form for [`ConfirmEmail`].

#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod confirm;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod send;
mod sent;
mod state;

mod fields;
#[cfg(feature = "ssr")]
mod own_address;

pub use confirm::{ConfirmEmail, confirm_email};
pub use fields::ConfirmationLinkFields;
pub use send::{SendVerification, send_verification};
pub use sent::is_link_sent;
pub use state::email_is_confirmed;

/// The name of the hash of the address, in the link and in the form.
const ADDRESS: &str = "address";
