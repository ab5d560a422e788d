//! Our client for Appwrite's HTTP API: it knows nothing of Leptos, cookies or pages.
//!
//! One [`Appwrite`] holds the pooled connections and the project's settings. Light handles say in whose name a call is
//! made: [`AdminClient`] (the API key: creates accounts and sessions, and has no method that reads what belongs to a
//! person), [`SessionClient`], [`JwtClient`] and [`GuestClient`]. A request carries the credential of its handle and no
//! other, since Appwrite refuses two at once or silently drops one of them.

mod account;
mod call;
mod capabilities;
mod challenges;
mod client;
mod error;
mod health;
mod id;
mod model;
mod permission;
mod presences;
mod query;
mod recovery;
mod rows;
mod tables;
mod tokens;
mod users;
mod verification;

pub use account::{NewAccount, NewSession, SessionId, Visitor};
pub use capabilities::ServerVersion;
pub use challenges::Factor;
pub use client::{
    AdminClient, Appwrite, AppwriteSettings, GuestClient, JwtClient, Limits, SessionClient, SessionSecret, is_loopback,
};
pub use error::{ApiError, AppwriteError};
pub use id::is_valid_id;
pub use model::{
    Challenge, ColumnState, Factors, IndexState, Presence, Row, RowList, Session, TableState, Token, User,
};
pub use permission::{Action, Permission, Role, Verification};
pub use query::Query;
pub use rows::{AllRows, Rows};
pub use tables::{Column, ColumnKind, ColumnsError, Creation, Index, TablesClient};
