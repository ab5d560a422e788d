//! Hides the banner until the browser is closed.

use leptos::prelude::*;
use leptos_appwrite::error::AppError;

/// Hides the banner for this user and visit.
#[server(prefix = "/actions", endpoint = "dismiss_reminder")]
pub async fn dismiss_reminder() -> Result<(), AppError> {
    use crate::person::Person;
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    let person: Person = request.user().await?;
    request.set_display_cookie(side::NAME, &person.id, None)
}

/// True if the user has dismissed the banner in this visit. Call it once, while the page is rendered or hydrated:
/// later, the browser no longer has the server's answer.
pub fn is_dismissed(person_id: String) -> bool {
    SharedValue::new(move || side::is_dismissed(&person_id)).into_inner()
}

#[cfg(feature = "ssr")]
mod side {
    use axum::http::request::Parts;
    use leptos::reactive::owner::with_context;
    use leptos_appwrite::session::request_cookies;

    /// Without a lifetime, the cookie ends with the visit.
    pub(super) const NAME: &str = "reminder_off";

    pub(super) fn is_dismissed(person_id: &str) -> bool {
        let is_here = |parts: &Parts| request_cookies::only(&parts.headers, NAME) == Some(person_id);
        with_context(is_here).unwrap_or_default()
    }
}

#[cfg(not(feature = "ssr"))]
mod side {
    /// Only the server reads the cookie; hydration gets the server's answer.
    pub(super) fn is_dismissed(_person_id: &str) -> bool {
        false
    }
}
