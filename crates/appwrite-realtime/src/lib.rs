#![doc = include_str!("../README.md")]

pub mod connection;
pub mod handshake;
pub mod json;
pub mod message;
pub mod output;
#[cfg(feature = "presence")]
pub mod presence;
pub mod protocol;
pub mod state;
mod subscriptions;
pub mod tabs;
mod timers;
pub mod update;
