//! What the app serves besides its pages.

use axum::Router;
use leptos_appwrite::auth::oauth::return_route;
use leptos_appwrite::server::OwnRoutes;

use crate::{auth, birthdays};

/// The way back from providers, sign-in for programs, and the birthdays for programs.
pub fn own_routes() -> OwnRoutes {
    OwnRoutes {
        with_session: Router::new().merge(return_route::routes()).nest("/api", auth::api::routes()),
        without_cookie: birthdays::api::routes,
    }
}
