#![doc = include_str!("../README.md")]

mod account;
mod call;
#[cfg(any(feature = "metrics", feature = "traces"))]
mod call_labels;
mod capabilities;
mod challenges;
mod checks;
mod claims;
mod client;
mod error;
mod health;
mod id;
mod identities;
#[cfg(feature = "metrics")]
mod metering;
#[cfg(not(feature = "metrics"))]
#[path = "metering/absent.rs"]
mod metering;
mod mfa;
mod model;
mod passkeys;
mod permission;
mod prefs;
mod presences;
mod project;
mod query;
mod records;
mod recovery;
mod rows;
mod tables;
mod tokens;
#[cfg(feature = "traces")]
mod tracing_calls;
#[cfg(not(feature = "traces"))]
#[path = "tracing_calls/absent.rs"]
mod tracing_calls;
mod users;
mod verification;
mod visitor;

pub use account::{NewAccount, NewSession, SessionId};
pub use capabilities::ServerVersion;
pub use challenges::Factor;
pub use claims::{Claims, LinkedProvider};
pub use client::{AdminClient, GuestClient, JwtClient, SessionClient};
pub use error::{ApiError, AppwriteError};
pub use id::is_valid_id;
pub use identities::Identity;
pub use model::{
    Challenge, ColumnState, Factors, IndexState, NewAuthenticator, Passkey, PasskeyChallenge, Presence, Row, RowList,
    Session, TableState, Token, User,
};
pub use permission::{Action, Permission, Role, Verification};
pub use project::{Appwrite, AppwriteSettings, Limits, SessionSecret, is_loopback};
pub use query::Query;
pub use records::Record;
pub use rows::{AllRows, Rows};
pub use tables::{Column, ColumnKind, ColumnsError, Creation, Index, TablesClient};
pub use visitor::Visitor;
