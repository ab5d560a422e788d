//! The app's description for `leptos-appwrite`.

use leptos::prelude::*;
use leptos_appwrite::english::WORDING;
use leptos_appwrite::site::{Paths, Site};

use crate::app::App;
use crate::routes::GUARDS;
use crate::tables::TABLES;

/// The app for `leptos-appwrite`: pages, tables, routes.
pub static SITE: Site = Site {
    root: || view! { <App/> }.into_any(),
    head: || view! { <link rel="icon" href="/favicon.svg" type="image/svg+xml"/> }.into_any(),
    guards: GUARDS,
    tables: TABLES,
    offers_sign_up: true,
    paths: Paths::DEFAULT,
    wording: WORDING,
};
