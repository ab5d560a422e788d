//! Routes of the server besides the pages.

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use leptos_appwrite::server::OwnRoutes;

use crate::{auth, birthdays};

/// The address at which password managers look for the page that changes a password (W3C, "A Well-Known URL for Changing
/// Passwords").
const CHANGE_PASSWORD: &str = "/.well-known/change-password";

/// The JSON API for sign-in, the birthdays API, and the way to the password page.
pub fn own_routes() -> OwnRoutes {
    let with_session = Router::new()
        .nest("/api", auth::api::routes())
        .route(CHANGE_PASSWORD, get(async || Redirect::to("/account/password")));
    OwnRoutes { with_session, without_cookie: birthdays::api::routes }
}
