//! What a page knows of the person who opened it.

use serde::{Deserialize, Serialize};

use super::news::News;
use super::pending::Pending;
use super::submission::Submission;
use super::ways::Ways;
use crate::error::AppError;

/// The person who is signed in, as the pages show them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The account's id.
    pub id: String,
    /// The name; may be empty.
    pub name: String,
    /// The email address; empty for guests and accounts by phone.
    pub email: String,
    /// Whether the email address was confirmed.
    pub email_verified: bool,
    /// The phone number; empty if never given.
    pub phone: String,
}

impl Person {
    /// Whether nothing is known by which the person could sign in again.
    pub fn is_guest(&self) -> bool {
        self.email.is_empty() && self.phone.is_empty()
    }

    /// What to call the person.
    pub fn display_name(&self) -> &str {
        let known = [&self.name, &self.email, &self.phone].into_iter().find(|known| !known.is_empty());
        known.map_or("Guest", String::as_str)
    }
}

/// One opening of a page: found out by the server before it renders, and handed to the browser with the HTML.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Who is signed in.
    pub person: Option<Person>,
    /// Whether somebody has signed in but for a second factor.
    pub owes_factor: bool,
    /// Whether the server could not find out who is here.
    pub is_person_unknown: bool,
    /// What a form that was posted without JavaScript came to.
    pub submission: Option<Submission>,
    /// Why the person is on this page and not where they wanted to be.
    pub notice: Option<AppError>,
    /// What went as the person wished.
    pub news: Option<News>,
    /// The sign-in that this browser has under way.
    pub pending: Option<Pending>,
    /// The ways in that are offered.
    pub ways: Ways,
    /// Why there is no page at all.
    pub failure: Option<AppError>,
    /// The id of the database, which is in the names of Realtime channels. It is no secret.
    pub database: String,
    /// Whether the accounts are in the local backend, which is for development and tests only.
    pub is_local: bool,
}
