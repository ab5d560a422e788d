//! Realtime over real sockets: the recorded scenes, and the differences between the profiles.

mod events;
mod handshake;
mod harness;
mod limits;
mod messages;
mod presence;
mod recorded;
mod reset;
mod teams;
