//! OAuth2 sign-in: the redirect to the provider, the mock provider's consent page, the callback, and the sign-in.

mod address;
mod callback;
pub mod identity;
pub mod mock_provider;
mod redirects;
mod request;
mod secret_token;
mod sign_in;

use crate::{
    ApiError, ErrorKind,
    http::{Limit, Route},
};

pub(crate) use secret_token::unwrap_secret;

/// The provider that this backend implements itself.
pub const MOCK: &str = "mock";

const CALLBACK: &str = "/account/sessions/oauth2/callback/{provider}/{projectId}";

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
        Route::get(CALLBACK, callback::callback).error_pages().names_project(),
        Route::post(CALLBACK, callback::callback).error_pages().names_project(),
        Route::get("/account/sessions/oauth2/{provider}/redirect", sign_in::redirect).error_pages().limit(limit),
    ]
}

/// The error of a provider that the project has not enabled.
pub(crate) fn disabled() -> ApiError {
    ApiError::new(
        ErrorKind::ProjectProviderDisabled,
        "This provider is disabled. Please enable the provider from your Appwrite console to continue.",
    )
}

/// The URL to which a provider returns the browser.
fn callback_url(base: &str, project_id: &str) -> String {
    format!("{base}/v1/account/sessions/oauth2/callback/{MOCK}/{project_id}")
}
