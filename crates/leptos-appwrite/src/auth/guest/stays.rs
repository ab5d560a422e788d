//! Keeps a guest who would sign in to another account without having been told what stays behind.

use appwrite_client::SessionSecret;

use crate::session::own_path::OwnPath;
use crate::session::request::ActionRequest;
use crate::state::AppState;

/// Opens the page that tells a guest what stays behind, and returns true. False for other users, and if the app has no such
/// page.
pub(crate) async fn asks_first(request: &ActionRequest) -> bool {
    let Some(page) = page_for(&request.state, request.session_secret()).await else { return false };
    request.go_to(&OwnPath::of_page(page));
    true
}

/// Returns the page for a guest with this session. Returns none if Appwrite rejects the session: there is nothing to
/// lose.
pub(crate) async fn page_for(state: &AppState, session: Option<SessionSecret>) -> Option<&'static str> {
    let page = state.site.paths.leave_guest?;
    let user = state.appwrite.session(session?).account().await.ok()?;
    user.is_guest().then_some(page)
}
