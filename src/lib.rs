//! A Leptos app, rendered on the server and hydrated in the browser, whose users sign in through Appwrite.

pub mod account;
pub mod app;
#[cfg(feature = "ssr")]
pub mod assets;
pub mod auth;
pub mod birthdays;
pub mod clock;
pub mod components;
#[cfg(feature = "ssr")]
pub mod config;
#[cfg(feature = "ssr")]
pub mod connections;
#[cfg(feature = "ssr")]
pub mod document;
pub mod error;
pub mod home;
#[cfg(all(feature = "ssr", feature = "local-appwrite"))]
pub mod local_backend;
#[cfg(all(feature = "ssr", not(feature = "local-appwrite")))]
#[path = "local_backend/absent.rs"]
pub mod local_backend;
pub mod realtime;
#[cfg(feature = "ssr")]
mod render;
pub mod request_id;
pub mod routes;
#[cfg(feature = "ssr")]
pub mod security;
#[cfg(feature = "ssr")]
pub mod server;
pub mod session;
#[cfg(feature = "ssr")]
pub mod state;
pub mod tables;

#[cfg(feature = "hydrate")]
mod hydrate;
