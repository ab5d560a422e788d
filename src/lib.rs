//! An example of Leptos with Appwrite: users sign in and share birthdays, which update live on every page.

pub mod account;
pub mod app;
pub mod auth;
pub mod birthdays;
pub mod components;
pub mod home;
#[cfg(feature = "ssr")]
mod language;
mod menu;
pub mod person;
mod reminders;
pub mod routes;
mod scroll;
#[cfg(feature = "ssr")]
pub mod server;
pub mod site;
pub mod success;
pub mod tables;
