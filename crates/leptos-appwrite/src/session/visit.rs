//! The facts about its user that a page knows.

use serde_tuple::{Deserialize_tuple, Serialize_tuple};

use super::methods::SignInMethods;
use super::pending_sign_in::PendingView;
use super::revealed::Revealed;
use super::submission::Submission;
use super::success::Success;
use crate::error::AppError;
use crate::json::Later;

/// The signed-in account, as far as this crate needs it. An app that shows more defines its own type, see
/// [`provide_visit`](super::provide_visit).
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct SignedInUser {
    /// The account's id.
    pub id: String,
    /// The name; may be empty.
    pub name: String,
}

/// One page load. The server resolves it before rendering and sends it to the browser with the HTML.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct Visit {
    /// The signed-in user.
    pub user: Option<SignedInUser>,
    /// True if the user still needs to complete a second factor.
    pub needs_second_factor: bool,
    /// True if the server could not check the session.
    pub is_person_unknown: bool,
    /// The result of a form posted without JavaScript.
    pub submission: Option<Submission>,
    /// The reason for a redirect to this page.
    pub notice: Option<AppError>,
    /// The action that succeeded before this page.
    pub success: Option<Later<Success>>,
    /// The sentence that reports it; none if the page has its own.
    pub success_text: Option<String>,
    /// A secret that this page shows once.
    pub revealed: Option<Later<Revealed>>,
    /// This browser's pending sign-in.
    pub pending_sign_in: Option<Later<PendingView>>,
    /// The sign-in methods to offer.
    pub sign_in_methods: SignInMethods,
    /// The error that replaces the page.
    pub failure: Option<AppError>,
    /// The id of the database, which is part of Realtime channel names. It is not secret.
    pub database: String,
    /// The address of the page with all emails and text messages, if the accounts are in the local backend, which is for
    /// development and tests only.
    pub outbox: Option<String>,
}
