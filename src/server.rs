//! The server's routes that are not pages.

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use leptos_appwrite::config::{ConfigProblems, foreign_origins};
use leptos_appwrite::server::OwnRoutes;

use crate::{auth, birthdays};

/// The address at which password managers look for the page that changes a password (W3C, "A Well-Known URL for Changing
/// Passwords").
const CHANGE_PASSWORD: &str = "/.well-known/change-password";

/// The variable with the other sites whose pages may call the birthdays API.
const API_CORS_ORIGINS: &str = "API_CORS_ORIGINS";

/// Returns the JSON API for sign-in, the birthdays API, and the redirect to the password page. `lookup` reads variables.
pub fn own_routes(lookup: impl Fn(&str) -> Option<String>) -> Result<OwnRoutes, ConfigProblems> {
    let origins = foreign_origins(API_CORS_ORIGINS, &lookup(API_CORS_ORIGINS).unwrap_or_default())?;
    let with_session = Router::new()
        .nest("/api", auth::api::routes())
        .route(CHANGE_PASSWORD, get(async || Redirect::to("/account/password")));
    Ok(OwnRoutes {
        with_session,
        without_cookie: Box::new(|state, permits| birthdays::api::routes(state, permits, origins)),
        ..OwnRoutes::default()
    })
}
