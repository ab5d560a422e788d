//! Remembers in the browser that the link was sent.

use leptos::prelude::SharedValue;

#[cfg(feature = "ssr")]
pub(super) use side::remember;

/// True if this browser has requested the link to the user's address, and the link has not expired. Call it once, while
/// the page is rendered or hydrated: later, the browser no longer has the server's answer.
pub fn is_link_sent() -> bool {
    SharedValue::new(side::is_link_sent).into_inner()
}

#[cfg(feature = "ssr")]
mod side {
    use appwrite_client::User;
    use axum::http::request::Parts;
    use leptos::prelude::use_context;
    use leptos::reactive::owner::with_context;

    use crate::error::AppError;
    use crate::session::request::ActionRequest;
    use crate::session::request_cookies;
    use crate::state::AppState;

    const NAME: &str = "verification_sent";
    /// Appwrite's links expire after this many seconds.
    const LIFETIME: u32 = 3600;

    /// Contains only a hash of the address, which no longer matches once the address has changed.
    fn value(state: &AppState, user: &User) -> String {
        state.hash.hex(&["verification sent", &user.id, &user.email.to_lowercase()])
    }

    pub(in crate::auth::verification) fn remember(request: &ActionRequest, user: &User) -> Result<(), AppError> {
        request.set_display_cookie(NAME, &value(&request.state, user), Some(LIFETIME))
    }

    pub(super) fn is_link_sent() -> bool {
        let Some(state) = use_context::<AppState>() else { return false };
        let is_sent = |parts: &Parts| {
            let (sent, user) = (request_cookies::only(&parts.headers, NAME), parts.extensions.get::<User>());
            sent.zip(user).is_some_and(|(sent, user)| sent == value(&state, user))
        };
        with_context(is_sent).unwrap_or_default()
    }
}

#[cfg(not(feature = "ssr"))]
mod side {
    /// Only the server reads the cookie; hydration gets the server's answer.
    pub(super) fn is_link_sent() -> bool {
        false
    }
}
