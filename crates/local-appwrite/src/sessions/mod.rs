//! Sessions: what is kept of a sign-in, how a caller proves it, and how it is shown.

mod begin;
mod device;
mod session;
mod token;

pub use device::Device;
pub use session::Session;
pub(crate) use session::{find, insert, of_user, proven_by, remove, remove_all, update};
pub use token::SessionToken;
