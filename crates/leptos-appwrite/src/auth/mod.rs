//! The server's half of signing in. Pages call it from their server functions; each way in ends with [`arrival::arrive`].

pub mod arrival;
pub mod fields;
pub mod oauth;
pub mod password;
pub mod second_factor;
