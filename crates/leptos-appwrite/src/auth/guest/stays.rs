//! Stops guests who would sign in to another account without knowing what stays behind.

use appwrite_client::SessionSecret;

use crate::error::AppError;
use crate::session::own_path::OwnPath;
use crate::session::request::ActionRequest;
use crate::state::AppState;

/// Opens the page that tells a guest what stays behind, and returns true. False for other users, and if the app has no
/// such page. Fails if Appwrite does not answer.
pub(crate) async fn asks_first(request: &ActionRequest) -> Result<bool, AppError> {
    let page = page_for(&request.state, request.session_secret()).await?;
    if let Some(page) = page {
        request.go_to(&OwnPath::of_page(page));
    }
    Ok(page.is_some())
}

/// Returns the page for a guest with this session. Returns none if Appwrite rejects the session, because nothing can be
/// lost then.
pub(crate) async fn page_for(
    state: &AppState,
    session: Option<SessionSecret>,
) -> Result<Option<&'static str>, AppError> {
    let Some((page, session)) = state.site.paths.leave_guest.zip(session) else { return Ok(None) };
    match state.appwrite.session(session).account().await {
        Ok(user) => Ok(user.is_guest().then_some(page)),
        Err(error) if error.is_outage() || error.is_rate_limited() => Err(error.into()),
        Err(_) => Ok(None),
    }
}
