//! Routes of the server besides the pages.

use axum::Router;
use leptos_appwrite::auth::oauth::return_route;
use leptos_appwrite::server::OwnRoutes;

use crate::{auth, birthdays};

/// The OAuth2 callback, the JSON API for sign-in, and the birthdays API.
pub fn own_routes() -> OwnRoutes {
    OwnRoutes {
        with_session: Router::new().merge(return_route::routes()).nest("/api", auth::api::routes()),
        without_cookie: birthdays::api::routes,
    }
}
