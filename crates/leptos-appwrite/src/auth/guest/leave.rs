//! Switches from a guest's account to another one. The guest's rows stay behind, so a page warns the user first.

use leptos::prelude::*;

use crate::error::AppError;

/// Ends the guest's session and opens the sign-in page, with `next` for the page afterwards. The guest's account and rows
/// stay at Appwrite.
#[server(prefix = "/actions", endpoint = "leave_guest")]
pub async fn leave_guest(#[server(default)] next: String) -> Result<(), AppError> {
    use crate::auth::finish::end_own_session;
    use crate::session::own_path::{OwnPath, page_then};
    use crate::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    let paths = &request.state.site.paths;
    paths.leave_guest.ok_or(AppError::MethodUnavailable)?;
    end_own_session(&request).await;
    let with_next = if next.is_empty() { None } else { OwnPath::parse(&page_then(paths.sign_in, &next)) };
    request.go_to(&with_next.unwrap_or_else(|| OwnPath::of_page(paths.sign_in)));
    Ok(())
}
