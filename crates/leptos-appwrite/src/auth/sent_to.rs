//! The address that a link or a code was sent to. Appwrite does not bind a link or code to its address, and confirms
//! the address that the account has when the link is used. Without this check, a link to a former address would prove
//! the new one.

use appwrite_client::Claims;
use url::Url;

use super::first_proof::{self, Before};
use super::mail_link::ADDRESS;
use crate::security::keyed_hash::KeyedHash;
use crate::state::AppState;

/// The address that a link or a code was sent to.
#[derive(Debug, Clone)]
pub(super) enum SentTo {
    /// The email address with these hashes, which [`link_for`] has put into the link.
    Link(String),
    /// The email address of a code.
    Email(String),
    /// The phone number of a code.
    Phone(String),
}

impl SentTo {
    /// False if the account has another address now. True if Appwrite did not answer.
    pub fn is_of(&self, state: &AppState, account: &Before) -> bool {
        match account {
            Before::Known(claims) => self.is_of_claims(&state.hash, claims),
            Before::Missing | Before::Unknown => true,
        }
    }

    fn is_of_claims(&self, hash: &KeyedHash, claims: &Claims) -> bool {
        match self {
            Self::Link(text) => is_link_to(hash, text, &claims.email),
            Self::Email(email) => email.to_lowercase() == claims.email.to_lowercase(),
            Self::Phone(number) => *number == claims.phone,
        }
    }

    /// Checks the address after the proof, because it may have changed since the first check. Returns false if it has;
    /// Appwrite has then confirmed the new address, and this call undoes that.
    pub async fn is_still_of(&self, state: &AppState, user_id: &str) -> bool {
        if self.is_of(state, &first_proof::before(state, user_id).await) {
            return true;
        }
        let admin = state.appwrite.admin();
        let outcome = match self {
            Self::Link(_) | Self::Email(_) => admin.unverify_email(user_id).await,
            Self::Phone(_) => admin.unverify_phone(user_id).await,
        };
        if let Err(error) = outcome {
            tracing::warn!(%error, "an account has a verified address that nobody has proven");
        }
        false
    }
}

const PURPOSE: &str = "address of a link";

/// Returns the URL of `page` for the mail to `email`, with hashes of the address.
pub(super) fn link_for(state: &AppState, page: &str, email: &str) -> Url {
    let mut link = state.config.origin.url(page);
    link.query_pairs_mut().append_pair(ADDRESS, &hashes_of(&state.hash, email));
    link
}

/// Returns the hashes of the address and of the part before its `@`.
fn hashes_of(hash: &KeyedHash, email: &str) -> String {
    let email = email.to_lowercase();
    let local = email.rsplit_once('@').map_or(email.as_str(), |(local, _)| local);
    format!("{}-{}", hash.hex(&[PURPOSE, &email]), hash.hex(&[PURPOSE, local]))
}

/// True if these are the hashes of a link to `email`.
pub(super) fn is_link_to(hash: &KeyedHash, hashes: &str, email: &str) -> bool {
    let (whole, _) = hashes.split_once('-').unwrap_or_default();
    hash.is_hex_of(whole, &[PURPOSE, &email.to_lowercase()])
}

/// True if `text` is the address of the link with these hashes, or the part before its `@`. The server may not know the
/// link's account before the proof.
pub(super) fn is_own_address(hash: &KeyedHash, hashes: &str, text: &str) -> bool {
    hashes.split('-').any(|own| hash.is_hex_of(own, &[PURPOSE, &text.to_lowercase()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_is_bound_to_its_address() {
        let hash = KeyedHash::new(&"key".into());
        let own = hashes_of(&hash, "Ann@example.com");
        assert!(is_link_to(&hash, &own, "ann@example.com") && !own.contains("ann"));
        for hashes in ["", "-", &own[1..], &format!("more-{own}")] {
            assert!(!is_link_to(&hash, hashes, "ann@example.com"), "{hashes}");
        }
        for other in ["ben@example.com", "ann", ""] {
            assert!(!is_link_to(&hash, &own, other), "{other}");
        }
        assert!(!is_link_to(&KeyedHash::new(&"other".into()), &own, "ann@example.com"));
    }

    #[test]
    fn address_and_its_local_part_are_recognized() {
        let hash = KeyedHash::new(&"key".into());
        let own = hashes_of(&hash, "Annabelle.Lee@example.com");
        for text in ["annabelle.lee@example.com", "Annabelle.Lee"] {
            assert!(is_own_address(&hash, &own, text), "{text}");
        }
        for text in ["annabelle", "", "example.com"] {
            assert!(!is_own_address(&hash, &own, text) && !is_own_address(&hash, "", text), "{text}");
        }
    }

    #[test]
    fn code_is_bound_to_its_address_or_number() {
        let hash = KeyedHash::new(&"key".into());
        let claims = r#"{ "email": "ann@example.com", "phone": "+442079460018" }"#;
        let claims: Claims = serde_json::from_str(claims).expect("claims");
        for (sent_to, is_of) in [
            (SentTo::Email("Ann@example.com".into()), true),
            (SentTo::Email("ben@example.com".into()), false),
            (SentTo::Phone("+442079460018".into()), true),
            (SentTo::Phone("+12025550123".into()), false),
        ] {
            assert_eq!(sent_to.is_of_claims(&hash, &claims), is_of, "{sent_to:?}");
        }
    }
}
