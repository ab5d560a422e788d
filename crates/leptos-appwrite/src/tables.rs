//! Table definitions of an app. From the same definition, [`create`] creates the table, the relay allows its events,
//! and `use_rows` subscribes to its rows.

#[cfg(feature = "ssr")]
pub mod cli_config;
#[cfg(feature = "ssr")]
pub mod command;
#[cfg(feature = "ssr")]
pub mod create;
mod schema;

pub use schema::{Column, Index, IndexKind, Kind, Table};

/// The default database id, unless `APPWRITE_DATABASE_ID` is set.
pub const DATABASE: &str = "main";
