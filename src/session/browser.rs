//! The browser's half of the session: it never sees the secret, it only leaves a page that is no longer the person's.

use leptos::prelude::*;

use super::Visit;
use crate::error::AppError;

/// What to start from where no server rendered the page, which does not happen to a hydrated one.
pub(super) fn visit() -> Visit {
    Visit::default()
}

/// Goes to the sign-in page, or to that of the second factor, with a full load, so that nothing private stays on screen
/// or in memory.
pub fn leave_if_signed_out(error: &AppError) {
    let page = match error {
        AppError::SignedOut => "/login",
        AppError::MoreFactorsRequired => "/login/factor",
        _ => return,
    };
    let location = window().location();
    let here = format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default());
    let next = String::from(leptos::web_sys::js_sys::encode_uri_component(&here));
    // Only a page that is being torn down refuses to go elsewhere, and then there is nothing left to leave.
    let _ = location.assign(&format!("{page}?next={next}"));
}

/// A status is the server's to set.
pub fn set_page_status(_error: &AppError) {}
