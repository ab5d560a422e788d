//! The visit on the server: what the middleware found out for the request at hand.

use appwrite_client::User;
use axum::http::header;
use axum::http::request::Parts;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::visit::{SignedInUser, Visit};
use crate::error::AppError;
use crate::error::http::{retry_after, status};

/// What the pages of an app know of the person who is signed in: a type of the app's own, made from Appwrite's model.
///
/// It reaches the browser with the page, so it holds nothing that scripts must not read.
pub trait UserView: From<User> + Serialize + DeserializeOwned + Clone + Send + Sync + 'static {}

impl<T: From<User> + Serialize + DeserializeOwned + Clone + Send + Sync + 'static> UserView for T {}

impl From<User> for SignedInUser {
    fn from(user: User) -> Self {
        Self { id: user.id, name: user.name }
    }
}

/// The person who is signed in, as the app sees them.
pub(super) fn user<U: UserView>() -> Option<U> {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<User>().cloned()).map(U::from)
}

/// The visit that the middleware found out for the request at hand.
pub(super) fn visit() -> Visit {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<Visit>().cloned()).unwrap_or_default()
}

/// Nothing to load while a page is rendered: guards have answered before.
pub fn load_from_server() {}

/// Nothing to leave while a page is rendered: guards have answered before.
pub fn leave_if_signed_out(_error: &AppError) {}

/// Gives the page the status of an error that it shows. Pages are rendered whole before their first byte, so it is in time.
pub fn set_page_status(error: &AppError) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status(error));
        if let Some(seconds) = retry_after(error) {
            response.insert_header(header::RETRY_AFTER, seconds.into());
        }
    }
}
