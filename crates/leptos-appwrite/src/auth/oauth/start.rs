//! Redirects the browser to the provider's page.

use super::pending::{PendingOAuth, PendingOAuthCookie};
use crate::auth::guest::stays::asks_first;
use crate::error::AppError;
use crate::security::rate_limit::Attempt;
use crate::session::cookie::CookieLifetime;
use crate::session::request::ActionRequest;

/// The path to which Appwrite redirects the browser after a successful sign-in at the provider.
pub(super) const RETURN: &str = "/login/provider/return";
/// The path to which Appwrite redirects the browser after a failure.
pub(super) const REFUSED: &str = "/login/provider/refused";

/// Starts a sign-in at the provider with this id: keeps its state in the browser's cookie, and redirects.
pub(super) async fn start(
    request: &ActionRequest,
    provider: &str,
    next: &str,
    lifetime: CookieLifetime,
) -> Result<(), AppError> {
    let state = &request.state;
    if state.site.paths.provider.is_none() {
        return Err(AppError::MethodUnavailable);
    }
    if asks_first(request).await? {
        return Ok(());
    }
    state.limits.count(Attempt::Provider, request.sender.address, None).await?;
    if !state.config.oauth_providers.iter().any(|known| known.id == provider) {
        return Err(AppError::BadRequest);
    }
    if !state.availability.methods().providers.iter().any(|open| open.id == provider) {
        return Err(AppError::MethodUnavailable);
    }
    let pending = PendingOAuth::begin(provider, next, lifetime);
    let [success, failure] = [RETURN, REFUSED].map(|path| {
        let mut url = state.config.origin.url(path);
        url.query_pairs_mut().append_pair("state", pending.state());
        url
    });
    let admin = state.appwrite.admin();
    match admin.create_oauth2_token(provider, &success, &failure, &state.public_endpoint).await {
        Ok(page) if matches!(page.scheme(), "https" | "http") => {
            request.set_cookie(|headers| PendingOAuthCookie::new(&state.sealer).keep(headers, &pending))?;
            request.go_elsewhere(&page);
            Ok(())
        }
        Ok(page) => {
            tracing::error!(
                scheme = page.scheme(),
                "Appwrite returned a URL for the provider that is not http or https"
            );
            Err(AppError::BackendUnavailable)
        }
        Err(error) if error.is_provider_disabled() => {
            tracing::warn!(provider, "this provider is switched off in the project's settings");
            state.availability.switch_off_provider(provider);
            Err(AppError::MethodUnavailable)
        }
        Err(error) if error.is_refused_redirect() => {
            let origin = state.config.origin.as_str();
            tracing::error!(origin, "Appwrite refuses to redirect to this host: is it a platform of the project?");
            Err(AppError::Misconfigured)
        }
        Err(error) => Err(error.into()),
    }
}
