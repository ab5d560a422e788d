//! Live updates that tell the truth.

pub mod connection;
pub mod handshake;
pub mod protocol;
pub mod state;
