//! Reads JSON on the server.

use serde::de::DeserializeOwned;

pub(super) use serde_json::Error as Unreadable;

/// Returns the value of this text.
pub(super) fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    serde_json::from_str(text)
}
