//! A fake token for addresses to which Appwrite sent nothing, so that the response looks the same.

use appwrite_client::Token;
use rand::RngExt;
use rand::seq::IndexedRandom;

use crate::session::pending_sign_in::SentProof;

const FIRST: [&str; 12] = [
    "Amazing",
    "Brave",
    "Bright",
    "Calm",
    "Cheerful",
    "Clever",
    "Gentle",
    "Happy",
    "Kind",
    "Lively",
    "Peaceful",
    "Welcoming",
];
const SECOND: [&str; 12] =
    ["bear", "bird", "cat", "deer", "dolphin", "eagle", "fox", "lion", "otter", "owl", "rabbit", "turtle"];

/// Returns a token in Appwrite's format with a user id that does not exist.
pub fn token(proof: SentProof) -> Token {
    let mut random = rand::rng();
    let phrase = match (proof, FIRST.choose(&mut random), SECOND.choose(&mut random)) {
        (SentProof::MagicLink | SentProof::EmailCode, Some(first), Some(second)) => format!("{first} {second}"),
        _ => String::new(),
    };
    let user_id = format!("{:020x}", random.random::<u128>() >> 48);
    Token { user_id, expire: None, phrase }
}

#[cfg(test)]
mod tests {
    use super::*;
    use appwrite_client::is_valid_id;

    #[test]
    fn decoy_looks_like_a_real_token() {
        let token = token(SentProof::MagicLink);
        assert!(is_valid_id(&token.user_id) && token.user_id.len() == 20, "{}", token.user_id);
        assert_eq!(token.phrase.split(' ').count(), 2, "{}", token.phrase);
    }

    #[test]
    fn decoys_differ_and_text_messages_have_no_phrase() {
        assert_ne!(token(SentProof::PhoneCode).user_id, token(SentProof::PhoneCode).user_id);
        assert_eq!(token(SentProof::PhoneCode).phrase, "");
    }
}
