//! The person who is signed in, as the pages show them.

use leptos_appwrite::session::use_user;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
mod of_appwrite;

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

/// The person who is signed in.
pub fn use_person() -> Option<Person> {
    use_user()
}
