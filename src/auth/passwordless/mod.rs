//! Sign-in without a password: the person asks, gets a link or a code, and proves by it who they are.
//!
//! The three ways are one: [`AskPage`] sends the proof to an address, [`SentPage`] waits for it, and the proof arrives
//! as a code typed there, or by a link that opens [`OpenLinkPage`].

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
