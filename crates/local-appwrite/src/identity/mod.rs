//! Who calls: from a request's credentials to a caller with roles and scopes.
//!
//! HTTP requests and Realtime handshakes ask the same way: gather [`Credentials`], then [`resolve`] them.

mod caller;
mod credentials;
mod hash_kind;
pub mod jwt;
pub mod password;
mod resolve;
pub mod secret;
pub mod totp;

pub use caller::Caller;
pub use credentials::{Credentials, cookie_name};
pub use hash_kind::HashKind;
pub use resolve::{by_session_token, resolve};
