#![doc = include_str!("../README.md")]

pub mod connection;
pub mod handshake;
pub mod presence;
pub mod protocol;
pub mod state;
pub mod tabs;
pub mod update;
