//! Validation of Appwrite ids.

use super::error::AppwriteError;

/// True if `id` is a valid Appwrite id: 1 to 36 of `A-Z a-z 0-9 . _ -`, not starting with a special character.
///
/// A valid id cannot change the path that contains it, or end a quoted string.
pub fn is_valid_id(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let starts_well = id.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    starts_well && id.len() <= 36 && id.bytes().all(allowed)
}

/// Returns `id` if it [is valid](is_valid_id).
pub(super) fn checked_id(id: &str) -> Result<&str, AppwriteError> {
    if is_valid_id(id) { Ok(id) } else { Err(AppwriteError::InvalidId) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    #[test]
    fn only_ids_that_appwrite_accepts_are_valid() {
        let longest = "x".repeat(36);
        for id in ["a", "6b013f58913d205fa05b", "A.b-c_d", "0", longest.as_str()] {
            assert!(is_valid_id(id), "{id}");
        }
        let too_long = "x".repeat(37);
        for id in ["", "_a", "-a", ".a", "..", "a/b", "a b", "a\n", "ä", "a\"", "unique()", too_long.as_str()] {
            assert!(!is_valid_id(id), "{id}");
        }
    }

    proptest! {
        #[test]
        fn valid_id_stays_within_one_path_segment(id in "[A-Za-z0-9._-]{1,36}|\\PC{1,4}") {
            if is_valid_id(&id) {
                let base = Url::parse("https://appwrite.example/v1/rows/").expect("an address");
                let joined = base.join(&id).expect("an address");
                prop_assert_eq!(joined.as_str(), format!("{base}{id}"));
            }
        }
    }
}
