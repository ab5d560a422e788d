//! Speaks Appwrite's HTTP and Realtime protocols on loopback over SQLite, for development and tests.
//!
//! ```no_run
//! # async fn demo() -> Result<(), local_appwrite::StartError> {
//! let backend = local_appwrite::start(local_appwrite::Settings::new(".local-appwrite")).await?;
//! println!("{}", backend.endpoint());
//! backend.shutdown().await;
//! # Ok(())
//! # }
//! ```

pub use clock::Clock;
pub use error::{ApiError, ErrorKind};
pub use passkeys::is_rp_id;
pub use project::{PasswordStrength, Policies, Policy, PwnedPasswords, SecondFactors};
pub use seed::{Problem, project_of};
pub use server::{LocalAppwrite, start, start_with_clock};
pub use settings::{ApiKey, AuthMethod, KeyScopes, Profile, Settings};
pub use start_error::StartError;
pub use state::AppState;
pub use store::snapshot::{export, import};

mod account;
mod avatars;
mod base;
mod clock;
pub mod doctor;
mod error;
#[cfg(test)]
mod fuzz;
mod health;
pub mod http;
pub mod identity;
mod local;
mod locale;
mod oauth2;
mod outbox;
mod pages;
mod passkeys;
mod project;
pub mod realtime;
mod seed;
mod server;
mod sessions;
mod settings;
mod start_error;
mod state;
mod storage;
mod store;
mod tables;
mod teams;
mod tokens;
mod users;

/// Compiles the README's examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
