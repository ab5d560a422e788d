//! Users: the stored record, the lookups, and the users service.

mod changes;
mod email;
mod factor_routes;
mod imports;
mod service;
mod target;
mod target_routes;
mod user;

pub(crate) use changes::requested;
pub use email::EmailFacts;
pub use service::routes;
pub use target::{Target, TargetKind};
pub use user::User;
pub(crate) use user::{find, find_by_email, find_by_phone, insert, newest, remove, update};
