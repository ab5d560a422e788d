//! Live updates that tell the truth.

pub mod handshake;
pub mod protocol;
