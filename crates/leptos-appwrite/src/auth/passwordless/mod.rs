//! Sign-in without a password, by a link or a code that Appwrite sends.
//!
//! [`AskForProof`] sends it and redirects to the page that waits for it. There the user types the code
//! ([`EnterCode`]), or asks for another one ([`SendAgain`]). A link from an email opens a page with [`OpenLink`].

#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod ask;
#[cfg(feature = "ssr")]
mod decoy;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod enter_code;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod open_link;
#[cfg(feature = "ssr")]
mod redeem;
#[cfg(feature = "ssr")]
mod send;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod send_again;

pub use ask::{AskForProof, ask_for_proof};
pub use enter_code::{EnterCode, enter_code};
pub use open_link::{OpenLink, open_link};
pub use send_again::{SendAgain, send_again};
