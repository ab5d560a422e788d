//! Identifies the caller of a request: from credentials to roles and scopes.
//!
//! HTTP requests and Realtime handshakes both read [`Credentials`] and [`resolve`] them.

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
