//! The app over real sockets: its real router in front of the real local backend, as browsers and programs meet it.
#![cfg(feature = "ssr")]

mod account;
mod addresses;
mod birthdays;
mod birthdays_api;
mod browser;
mod codes;
mod forms;
mod guesses;
mod guest;
mod handshakes;
mod headers;
mod json_api;
mod logs;
mod magic_link;
mod network;
mod new_passwords;
mod oauth2;
mod origin;
mod outage;
mod overload;
mod presence;
mod realtime;
mod recovery;
mod relay;
mod running;
mod second_factor;
mod sessions;
mod settings;
mod setup_faults;
mod sign_in;
mod sign_up;
mod socket;
mod stand_in;
mod verification;
