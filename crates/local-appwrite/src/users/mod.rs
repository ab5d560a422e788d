//! Users: what is kept of a person, how it is found, and what an API key does to it.

mod changes;
mod email;
mod factor_routes;
mod imports;
mod service;
mod target;
mod target_routes;
mod user;

pub use email::EmailFacts;
pub use service::routes;
pub use target::{Target, TargetKind};
pub use user::User;
pub(crate) use user::{find, find_by_email, find_by_phone, insert, newest, remove, update};
