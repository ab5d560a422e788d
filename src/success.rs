//! Success messages shown on the next page.

use leptos_appwrite::english;
use leptos_appwrite::session::Success;

/// A birthday was changed.
pub const BIRTHDAY_SAVED: &str = "birthday-saved";
/// A birthday was deleted.
pub const BIRTHDAY_DELETED: &str = "birthday-deleted";

/// The message for the user. In the browser, only this app's own.
pub fn sentence(success: &Success) -> Option<String> {
    let Success::Own { action, subject, .. } = success else { return english::success(success) };
    match (action.as_str(), subject.as_str()) {
        // The list shows it beside the birthday.
        (BIRTHDAY_SAVED, _) => None,
        (BIRTHDAY_DELETED, "") => Some("The birthday was deleted.".into()),
        (BIRTHDAY_DELETED, name) => Some(format!("Deleted {name}'s birthday.")),
        _ => None,
    }
}
