//! Sign-in without a password, by a link or a code.
//!
//! All three methods share their pages: [`AskPage`] sends the proof and [`SentPage`] waits for it. The user types a
//! code there, or opens [`OpenLinkPage`] from the mail.

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
mod sent;
mod sent_proof;

pub use ask::{AskForProof, AskPage};
pub use enter_code::EnterCode;
pub use open_link::{OpenLink, OpenLinkPage};
pub use send_again::SendAgain;
pub use sent::SentPage;
pub use sent_proof::SentProof;
