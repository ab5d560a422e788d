//! Tables as an app defines them. A definition is all that there is of a table: [`create`] creates it, the relay lets its
//! events through, and `use_rows` follows its rows.

#[cfg(feature = "ssr")]
pub mod command;
#[cfg(feature = "ssr")]
pub mod create;
mod schema;

pub use schema::{Column, Index, IndexKind, Kind, Table};

/// The id of the database, unless `APPWRITE_DATABASE_ID` names another.
pub const DATABASE: &str = "main";
