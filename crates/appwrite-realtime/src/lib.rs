//! Appwrite's Realtime without I/O: it opens no socket, reads no clock, and draws no chance.
//!
//! [`protocol`] reads and writes frames. [`connection`] is the state machine of one connection: whoever drives it hands
//! in what happened with the time at which it happened, and carries out what comes back. [`tabs`] makes it one connection for all
//! tabs of a browser. So all of it runs, and is tested, in wasm and natively.

pub mod connection;
pub mod handshake;
pub mod presence;
pub mod protocol;
pub mod state;
pub mod tabs;
pub mod update;
