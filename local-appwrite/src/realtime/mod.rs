//! Appwrite's Realtime: what happened, told over WebSockets to those who may know of it.

mod hub;

pub use hub::{Event, Hub};
