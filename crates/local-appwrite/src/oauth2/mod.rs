//! OAuth2 sign-in: the redirect to the provider, the mock provider's consent page, and the callback.

mod address;
pub mod identity;
pub mod mock_provider;
mod redirects;
mod request;
mod secret_token;
mod sign_in;

use crate::http::{Limit, Route};

pub(crate) use secret_token::unwrap_secret;

/// The provider that this backend implements itself.
pub const MOCK: &str = "mock";

/// The OAuth2 routes.
pub fn routes() -> Vec<Route> {
    let limit = Limit::hourly(50, &["ip:{ip}"]);
    vec![
        Route::get("/account/tokens/oauth2/{provider}", redirects::token)
            .scope(&["sessions.write"])
            .error_pages()
            .limit(limit),
        Route::get("/account/sessions/oauth2/{provider}", redirects::session)
            .scope(&["sessions.write"])
            .error_pages()
            .limit(limit),
        Route::get("/account/sessions/oauth2/callback/{provider}/{projectId}", sign_in::callback)
            .error_pages()
            .names_project()
            .limit(limit),
    ]
}
