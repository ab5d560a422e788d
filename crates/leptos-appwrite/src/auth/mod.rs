//! Sign-in and sign-out: the server functions of all methods, for forms that an app writes. Each sign-in ends with
//! `finish_sign_in`.
//!
//! An app has the methods whose pages its [`Paths`](crate::site::Paths) name; the others are refused.

#[cfg(feature = "ssr")]
pub(crate) mod fields;
#[cfg(feature = "ssr")]
pub mod finish;
#[cfg(feature = "ssr")]
mod first_proof;
pub mod guest;
pub mod mail_link;
#[cfg(feature = "oauth")]
pub mod oauth;
#[cfg(all(feature = "ssr", not(feature = "oauth")))]
#[path = "oauth/absent.rs"]
pub(crate) mod oauth;
pub mod passkey;
#[cfg(feature = "ssr")]
pub mod password;
pub mod passwordless;
#[cfg(feature = "ssr")]
mod proof;
pub mod recovery;
pub mod second_factor;
#[cfg(feature = "ssr")]
mod sent_to;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod sign_in;
mod sign_out;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod sign_up;
#[cfg(feature = "ssr")]
pub(crate) mod typed_password;
pub mod verification;

pub use sign_in::{SignIn, sign_in};
pub use sign_out::{SignOut, SignOutForm, announce_when_done, announce_while_pending, sign_out};
pub use sign_up::{SignUp, sign_up};
