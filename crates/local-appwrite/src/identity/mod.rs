//! Who calls: from a request's credentials to a caller with roles and scopes.
//!
//! HTTP requests and Realtime handshakes ask the same way: gather [`Credentials`], then [`resolve`] them.

mod caller;
mod credentials;
pub mod jwt;
pub mod password;
mod resolve;
pub mod secret;
pub mod totp;

pub use caller::Caller;
pub use credentials::{Credentials, cookie_name};
pub use resolve::{by_session_token, resolve};
