//! Routes of the server besides the pages.

use axum::Router;
use leptos_appwrite::config::{ConfigProblems, foreign_origins};
use leptos_appwrite::server::OwnRoutes;

use crate::{auth, birthdays};

/// The variable with the other sites whose pages may call the birthdays API.
const API_CORS_ORIGINS: &str = "API_CORS_ORIGINS";

/// Returns the JSON API for sign-in, and the birthdays API. Reads the environment through `lookup`.
pub fn own_routes(lookup: impl Fn(&str) -> Option<String>) -> Result<OwnRoutes, ConfigProblems> {
    let origins = foreign_origins(API_CORS_ORIGINS, &lookup(API_CORS_ORIGINS).unwrap_or_default())?;
    Ok(OwnRoutes {
        with_session: Router::new().nest("/api", auth::api::routes()),
        without_cookie: Box::new(|state, places| birthdays::api::routes(state, places, origins)),
        ..OwnRoutes::default()
    })
}
