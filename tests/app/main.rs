//! The app's router in front of the local backend, over real sockets.
#![cfg(all(feature = "ssr", feature = "local-appwrite"))]

mod account;
mod addresses;
mod app_limits;
mod arrivals;
#[path = "../../crates/local-appwrite/tests/backend/authenticator.rs"]
#[expect(dead_code, reason = "the local backend's tests use all of it")]
mod authenticator;
mod birthdays;
mod birthdays_api;
mod browser;
mod calls;
mod codes;
mod cookies;
mod devices;
mod forms;
mod guesses;
mod guest;
mod handshakes;
mod headers;
mod json_api;
mod logs;
mod magic_link;
mod methods;
mod network;
mod new_passwords;
mod oauth2;
mod origin;
mod outage;
mod overload;
mod passkeys;
mod presence;
mod profile;
mod realtime;
mod recovery;
mod relay;
mod relay_policy;
mod renewal;
mod routes;
mod running;
mod second_factor;
mod security;
mod sessions;
mod settings;
mod setup_faults;
mod sign_in;
mod sign_up;
mod socket;
mod stand_in;
mod tables;
mod theme;
mod verification;
mod wire;
