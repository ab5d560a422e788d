//! What Appwrite takes for an id.

use super::error::AppwriteError;

/// Hands `id` back if it is one that Appwrite takes: 1 to 36 of `A-Z a-z 0-9 . _ -`, not starting with a special one.
///
/// No such id can climb out of its place in a path, nor end a quoted string.
pub(super) fn checked_id(id: &str) -> Result<&str, AppwriteError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let starts_well = id
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphanumeric());
    if starts_well && id.len() <= 36 && id.bytes().all(allowed) {
        Ok(id)
    } else {
        Err(AppwriteError::InvalidId)
    }
}
