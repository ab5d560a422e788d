//! The visit on the server, as resolved by the middleware for the current request.

use appwrite_client::User;
use axum::http::request::Parts;
use axum::http::{Request, header};
use leptos::prelude::{provide_context, use_context};
use leptos::reactive::owner::with_context;
use leptos_axum::ResponseOptions;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::visit::{SignedInUser, Visit};
use crate::error::AppError;
use crate::error::http::{retry_after, status};
use crate::json::Later;
use crate::theme::Theme;

/// The app's own type for the signed-in user, made from Appwrite's model.
///
/// The page sends it to the browser, so it must contain nothing secret.
pub trait UserView: From<User> + Serialize + DeserializeOwned + Clone + Send + Sync + 'static {}

impl<T: From<User> + Serialize + DeserializeOwned + Clone + Send + Sync + 'static> UserView for T {}

impl From<&User> for SignedInUser {
    fn from(user: &User) -> Self {
        Self { id: user.id.clone(), name: user.name.clone() }
    }
}

impl From<User> for SignedInUser {
    fn from(user: User) -> Self {
        Self::from(&user)
    }
}

/// Returns the signed-in user as the app's type.
pub(super) fn user<U: UserView>() -> Option<Later<U>> {
    let user = with_context::<Parts, _>(|parts| parts.extensions.get::<User>().cloned()).flatten();
    user.map(|user| U::from(user).into())
}

/// Returns the visit that the middleware resolved for the current request.
pub(super) fn visit() -> Visit {
    with_context::<Parts, _>(|parts| parts.extensions.get::<Visit>().cloned()).flatten().unwrap_or_default()
}

/// Replaces the request by that of a visitor, for a view that is cached for others.
pub(super) fn provide_visitor(theme: Theme) {
    let (mut request, ()) = Request::new(()).into_parts();
    request.extensions.insert(theme);
    provide_context::<Parts>(request);
    // A status or header would reach only the first page that shows the view.
    provide_context(ResponseOptions::default());
    provide_context(LikeAVisitor);
}

#[derive(Clone, Copy)]
struct LikeAVisitor;

/// True inside of a view that is cached for others.
pub(super) fn is_like_a_visitor() -> bool {
    use_context::<LikeAVisitor>().is_some()
}

/// Does nothing while a page is rendered, because the guards have already decided.
pub fn load_from_server() {}

/// A server that renders a page has all of its code.
pub(super) fn is_offline() -> bool {
    false
}

/// Always shows the page, because sessions end only on pages that are open in a browser.
pub(crate) fn then_here(page: &str) -> String {
    page.to_owned()
}

/// Does nothing while a page is rendered, because the guards have already decided.
pub fn leave_if_signed_out(_error: &AppError) {}

/// Sets the response status for an error on the page. The server renders the whole page before sending the first byte.
pub fn set_page_status(error: &AppError) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status(error));
        if let Some(seconds) = retry_after(error) {
            response.insert_header(header::RETRY_AFTER, seconds.into());
        }
    }
}
