//! Hashes of the account's email address in the reset link. Appwrite does not say which account a link belongs to,
//! so the form needs them to refuse a password that equals the address.

use crate::security::keyed_hash::KeyedHash;
use crate::state::AppState;
use url::Url;

use super::OWN_ADDRESS;

/// Returns the URL of `page` for the reset mail to `email`.
pub fn link_for(state: &AppState, page: &str, email: &str) -> Url {
    let mut link = state.config.origin.url(page);
    link.query_pairs_mut().append_pair(OWN_ADDRESS, &hashes_of(&state.hash, email));
    link
}

/// Returns true if `text` is the link's email address or the part before its `@`.
pub fn is_own_address(hash: &KeyedHash, own: &str, text: &str) -> bool {
    own.split('-').any(|own| hash.is_hex_of(own, &["own address", &text.to_lowercase()]))
}

fn hashes_of(hash: &KeyedHash, email: &str) -> String {
    let local = email.rsplit_once('@').map_or(email, |(local, _)| local);
    format!("{}-{}", hashed(hash, email), hashed(hash, local))
}

fn hashed(hash: &KeyedHash, text: &str) -> String {
    hash.hex(&["own address", &text.to_lowercase()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_and_its_local_part_are_recognized() {
        let hash = KeyedHash::new(&"key".into());
        let own = hashes_of(&hash, "Annabelle.Lee@example.com");
        for text in ["annabelle.lee@example.com", "annabelle.lee"] {
            assert!(is_own_address(&hash, &own, text), "{text}");
        }
        for text in ["annabelle", "", "example.com"] {
            assert!(!is_own_address(&hash, &own, text) && !is_own_address(&hash, "", text), "{text}");
        }
        assert!(!own.contains("annabelle"));
    }
}
