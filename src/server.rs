//! Routes of the server besides the pages.

use axum::Router;
use leptos_appwrite::server::OwnRoutes;

use crate::{auth, birthdays};

/// The JSON API for sign-in, and the birthdays API.
pub fn own_routes() -> OwnRoutes {
    OwnRoutes { with_session: Router::new().nest("/api", auth::api::routes()), without_cookie: birthdays::api::routes }
}
