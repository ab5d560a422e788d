//! Sign-in without a password, by a link or a code.
//!
//! All three methods share their pages: [`AskPage`] asks for the address and [`SentPage`] waits for the link or code. The
//! user types a code there, or opens [`OpenLinkPage`] from the mail.

mod ask;
mod enter_code;
mod open_link;
mod send_again;
mod sent;
mod texts;

pub use ask::AskPage;
pub use open_link::OpenLinkPage;
pub use sent::SentPage;
