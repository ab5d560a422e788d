//! Shared notes: the smallest app with `leptos-appwrite`. Start reading in `app.rs`.

pub mod app;
mod auth;
mod board;
mod tables;

use leptos::prelude::*;
use leptos_appwrite::site::{Paths, Site};

pub static SITE: Site = Site {
    root: || view! { <app::App/> }.into_any(),
    head: || view! { <link rel="icon" href="/favicon.svg" type="image/svg+xml"/> }.into_any(),
    guards: app::GUARDS,
    parts: app::PARTS,
    tables: tables::TABLES,
    offers_sign_up: true,
    visitor_pages: &["/login", "/signup"],
    paths: Paths { after_sign_in: "/", ..Paths::DEFAULT },
    wording: leptos_appwrite::english::WORDING,
};
