//! The backend as a client meets it: over a real socket, and over restarts and kills.

mod binary;
mod client;
mod credentials;
mod disk;
mod durability;
mod expiry;
mod factors;
mod hosts;
mod limits;
mod mails;
mod oauth2;
mod pages;
mod passwords;
mod places;
mod policies;
mod project;
mod seed;
mod services;
mod start;
mod state;
mod storage;
mod switches;
mod tables;
mod teams;
mod transactions;
mod users;
