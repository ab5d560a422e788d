//! Sessions: the stored record, the client's token, and the response format.

mod begin;
mod device;
mod session;
mod token;

pub(crate) use begin::USER_VERIFICATION;
pub use device::Device;
pub use session::Session;
pub(crate) use session::{find, insert, of_user, proven_by, remove, remove_all, update};
pub use token::SessionToken;
