//! Appwrite's Realtime: sends events over WebSockets to users who may read them.
//!
//! Other modules publish an [`Event`] to the [`Hub`]; [`router`] answers `GET /v1/realtime`. In between, a connection
//! is authenticated (`handshake`), runs in its own task (`connection`) and has a `listener` in the hub, which
//! holds its subscriptions and its queue of frames.
//!
//! The facts are those of Appwrite 1.9.6, as recorded from a real one; where profiles differ, the tag 1.5.7 and what
//! 2.x is known to have changed.

mod channel;
mod connection;
mod event_name;
mod frame;
#[cfg(test)]
mod fuzz;
mod handshake;
mod hub;
mod limit;
mod listener;
mod presence;
mod presence_api;
mod query;
#[cfg(test)]
mod recorded;
mod subscription;
mod url_query;

pub use connection::router;
pub use hub::{Event, Hub};
pub use presence_api::routes;
