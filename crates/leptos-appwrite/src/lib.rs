#![doc = include_str!("../README.md")]

pub mod account;
#[cfg(feature = "ssr")]
pub mod assets;
pub mod auth;
pub mod clock;
pub mod components;
#[cfg(feature = "ssr")]
pub mod config;
#[cfg(feature = "ssr")]
pub mod connections;
#[cfg(feature = "ssr")]
pub mod doctor;
#[cfg(feature = "ssr")]
pub mod document;
pub mod effect;
#[cfg(feature = "english")]
pub mod english;
pub mod error;
#[cfg(feature = "hydrate")]
mod hydrate;
pub mod json;
#[cfg(all(feature = "ssr", feature = "local-appwrite"))]
pub mod local_backend;
#[cfg(all(feature = "ssr", not(feature = "local-appwrite")))]
#[path = "local_backend/absent.rs"]
pub mod local_backend;
#[cfg(feature = "ssr")]
pub mod log;
#[cfg(all(feature = "ssr", feature = "metrics"))]
pub mod metrics;
#[cfg(all(feature = "ssr", not(feature = "metrics")))]
#[path = "metrics/absent.rs"]
pub mod metrics;
mod one_time_code;
mod pages;
pub mod passkeys;
pub mod password_strength;
pub mod realtime;
#[cfg(feature = "ssr")]
mod render;
pub mod request_id;
#[cfg(all(feature = "ssr", any(feature = "metrics", feature = "traces")))]
mod request_labels;
pub mod routes;
#[cfg(feature = "ssr")]
pub mod security;
#[cfg(feature = "ssr")]
pub mod server;
pub mod session;
pub mod site;
#[cfg(feature = "ssr")]
pub mod start;
#[cfg(feature = "ssr")]
pub mod state;
pub mod tables;
#[cfg(all(test, feature = "ssr"))]
mod test_site;
pub mod theme;
#[cfg(all(feature = "ssr", feature = "traces"))]
pub mod traces;
#[cfg(all(feature = "ssr", not(feature = "traces")))]
#[path = "traces/absent.rs"]
pub mod traces;

#[cfg(feature = "ssr")]
pub use appwrite_client as client;
#[cfg(feature = "hydrate")]
pub use hydrate::hydrate;
