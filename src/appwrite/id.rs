//! What Appwrite takes for an id.

use super::error::AppwriteError;

/// Whether Appwrite takes `id` for an id: 1 to 36 of `A-Z a-z 0-9 . _ -`, not starting with a special one.
///
/// No such id can climb out of its place in a path, nor end a quoted string.
pub fn is_valid_id(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let starts_well = id.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    starts_well && id.len() <= 36 && id.bytes().all(allowed)
}

/// Hands `id` back if it [is one](is_valid_id).
pub(super) fn checked_id(id: &str) -> Result<&str, AppwriteError> {
    if is_valid_id(id) { Ok(id) } else { Err(AppwriteError::InvalidId) }
}
