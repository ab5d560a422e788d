//! What a page knows of the person who opened it.

use serde::{Deserialize, Serialize};

use super::methods::SignInMethods;
use super::pending_sign_in::PendingView;
use super::submission::Submission;
use crate::error::AppError;

/// The account that is signed in, as far as this crate must know it. An app whose pages show more has a type of its own, see
/// [`provide_visit`](super::provide_visit).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedInUser {
    /// The account's id.
    pub id: String,
    /// The name; may be empty.
    pub name: String,
}

/// One opening of a page: found out by the server before it renders, and handed to the browser with the HTML.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Who is signed in.
    pub user: Option<SignedInUser>,
    /// Whether somebody has signed in but for a second factor.
    pub owes_factor: bool,
    /// Whether the server could not find out who is here.
    pub is_person_unknown: bool,
    /// What a form that was posted without JavaScript came to.
    pub submission: Option<Submission>,
    /// Why the person is on this page and not where they wanted to be.
    pub notice: Option<AppError>,
    /// What went as the person wished, as the app names it.
    pub success: Option<String>,
    /// The sign-in that this browser has under way.
    pub pending_sign_in: Option<PendingView>,
    /// The ways in that are offered.
    pub sign_in_methods: SignInMethods,
    /// Why there is no page at all.
    pub failure: Option<AppError>,
    /// The id of the database, which is in the names of Realtime channels. It is no secret.
    pub database: String,
    /// Whether the accounts are in the local backend, which is for development and tests only.
    pub is_local: bool,
}
