#![doc = include_str!("../README.md")]

pub mod connection;
pub mod handshake;
pub mod message;
pub mod output;
#[cfg(feature = "presence")]
pub mod presence;
pub mod protocol;
pub mod state;
pub mod tabs;
pub mod update;
