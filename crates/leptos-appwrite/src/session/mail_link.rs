//! A link from an email: the account's id, and the secret that proves access to the mailbox.

use std::fmt;

use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// The query parameter that holds the secret.
pub const SECRET_PARAMETER: &str = "secret";
/// Appwrite's link secrets have at least 64 characters. Much shorter values may be codes; rejecting them here prevents
/// guessing.
const SHORTEST_SECRET: usize = 32;
/// The maximum length of a secret that Appwrite accepts.
const MAX_SECRET_LENGTH: usize = 256;
/// The maximum length of an Appwrite id.
const MAX_ID_LENGTH: usize = 36;

/// The parameters that Appwrite adds to the app's URL in the email.
#[derive(Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct MailLink {
    /// The account's id.
    pub user_id: String,
    /// The secret, which proves that the user received the email.
    pub secret: String,
}

impl MailLink {
    /// Returns the link if both parts are valid.
    pub fn parse(user_id: &str, secret: &str) -> Option<Self> {
        let is_made_of =
            |text: &str, more: &[u8]| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte));
        let is_whole = (1..=MAX_ID_LENGTH).contains(&user_id.len())
            && (SHORTEST_SECRET..=MAX_SECRET_LENGTH).contains(&secret.len())
            && is_made_of(user_id, b"-_.")
            // Excludes periods, because a secret with periods is a JWT from an OAuth2 sign-in and not from a link.
            && is_made_of(secret, b"-_");
        is_whole.then(|| Self { user_id: user_id.into(), secret: secret.into() })
    }
}

impl fmt::Debug for MailLink {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MailLink").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn secret_is_not_in_the_debug_text() {
        let link = MailLink::parse("6b013ef8ceed9d5e2056", &"a1".repeat(32)).expect("a whole link");
        assert!(!format!("{link:?}").contains("a1a1"));
    }

    #[test]
    fn incomplete_link_is_refused() {
        let secret = "a1".repeat(32);
        assert!(MailLink::parse("6b013ef8ceed9d5e2056", &secret).is_some());
        for (user_id, secret) in [
            ("", secret.as_str()),
            ("6b013ef8ceed9d5e2056", ""),
            ("6b013ef8ceed9d5e2056", "123456"),
            ("6b013ef8ceed9d5e2056", &format!("{secret}.{secret}.{secret}")),
            ("6b01/../users", &secret),
            ("6b013ef8ceed9d5e2056", &format!("{secret}\u{e4}")),
            ("6b013ef8ceed9d5e2056", &"a".repeat(257)),
        ] {
            assert!(MailLink::parse(user_id, secret).is_none(), "{user_id} {secret}");
        }
    }

    proptest! {
        #[test]
        fn accepted_link_needs_no_escaping(user_id in "\\PC{0,40}", secret in "\\PC{0,80}|[a-z0-9]{30,260}") {
            if let Some(link) = MailLink::parse(&user_id, &secret) {
                let is_plain = |text: &str| text.chars().all(|one| one.is_ascii_alphanumeric() || "-_.".contains(one));
                prop_assert!(is_plain(&link.user_id) && is_plain(&link.secret));
                prop_assert_eq!((link.user_id, link.secret), (user_id, secret));
            }
        }
    }
}
