//! The signed-in user, as the pages need them.

use leptos_appwrite::session::use_user;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
mod of_appwrite;

/// The signed-in user, as the pages need them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The account's id.
    pub id: String,
    /// The user's name; may be empty.
    pub name: String,
    /// The email address; empty for guests and for accounts that use a phone number.
    pub email: String,
    /// True if the user has confirmed the email address.
    pub email_verified: bool,
    /// The phone number; empty if the user never gave one.
    pub phone: String,
    /// True if the user has confirmed the phone number.
    pub phone_verified: bool,
}

impl Person {
    /// Returns true for an account without an email address and a phone number, which cannot sign in again.
    pub fn is_guest(&self) -> bool {
        self.email.is_empty() && self.phone.is_empty()
    }

    /// The name to show for the user.
    pub fn display_name(&self) -> &str {
        let known = [&self.name, &self.email, &self.phone].into_iter().find(|known| !known.is_empty());
        known.map_or("Guest", String::as_str)
    }
}

/// Returns the signed-in user.
pub fn use_person() -> Option<Person> {
    use_user()
}
