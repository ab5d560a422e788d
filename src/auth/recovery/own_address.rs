//! The link of a mail carries hashes of the address that it goes to, so that a new password can be told from it:
//! Appwrite does not say whose account a link is for.

use leptos_appwrite::security::keyed_hash::KeyedHash;
use leptos_appwrite::state::AppState;
use url::Url;

/// The parameter of the link.
const PARAMETER: &str = "own";

/// The address of the page that a mail to `email` leads to.
pub fn link_for(state: &AppState, email: &str) -> Url {
    let mut link = state.config.origin.url("/recovery/open");
    link.query_pairs_mut().append_pair(PARAMETER, &hashes_of(&state.hash, email));
    link
}

/// Whether `text` is the address of the link's mail, or the part before its `@`.
pub fn is_own_address(hash: &KeyedHash, own: &str, text: &str) -> bool {
    let text = hashed(hash, text);
    own.split('-').any(|own| own == text)
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
    fn address_and_its_local_part_are_told_from_other_texts() {
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
