//! Users: what is kept of a person, and how it is found.

mod email;
mod target;
mod user;

pub use email::EmailFacts;
pub use target::{Target, TargetKind};
pub use user::User;
pub(crate) use user::{find, find_by_email, find_by_phone, insert, list, remove, update};
