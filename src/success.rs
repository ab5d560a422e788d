//! Success messages shown on the next page.

use leptos_appwrite::english;
use leptos_appwrite::session::Success;

/// A birthday was deleted.
pub const BIRTHDAY_DELETED: &str = "birthday-deleted";

/// The message for the user.
pub fn sentence(success: &Success) -> Option<String> {
    match success {
        Success::Own(name) if name == BIRTHDAY_DELETED => Some("The birthday was deleted.".into()),
        other => english::success(other),
    }
}
