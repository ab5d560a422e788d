//! Stands in for OAuth2 where the feature `oauth` is off: there is no route back from a provider.

use axum::Router;

use crate::state::AppState;

/// Returns no route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
}
