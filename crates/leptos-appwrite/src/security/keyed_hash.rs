//! Keyed hashes: fixed-size substitutes for addresses and ids that clients choose.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// A hash of a text. Computing it requires the key.
pub type Hash = [u8; 16];

/// Hashes texts under one key.
#[derive(Clone)]
pub struct KeyedHash {
    key: [u8; 32],
    /// Recognizes hashes from before the secret changed.
    previous: Option<[u8; 32]>,
}

impl KeyedHash {
    /// Derives a key from a secret: the same in all instances of the app and after a restart.
    pub fn new(secret: &SecretString) -> Self {
        Self { key: key_from(secret), previous: None }
    }

    /// Also recognizes hashes under this secret.
    #[must_use]
    pub fn also_recognizing(mut self, previous: Option<&SecretString>) -> Self {
        self.previous = previous.map(key_from);
        self
    }

    /// Creates a random key for this process.
    pub fn random() -> Self {
        Self { key: rand::random(), previous: None }
    }

    /// Hashes `parts`. The first part names the purpose, so that hashes for two purposes never match.
    pub fn of(&self, parts: &[&str]) -> Hash {
        hash(self.key, parts)
    }

    /// Returns the hash as 32 hexadecimal digits.
    pub fn hex(&self, parts: &[&str]) -> String {
        hex(self.of(parts))
    }

    /// True if `text` is the hash of `parts` as [`hex`](Self::hex) returns it, under this key or the previous one.
    pub fn is_hex_of(&self, text: &str, parts: &[&str]) -> bool {
        [Some(self.key), self.previous].into_iter().flatten().any(|key| hex(hash(key, parts)) == text)
    }
}

fn key_from(secret: &SecretString) -> [u8; 32] {
    Sha256::digest(format!("leptos-appwrite: key of the hashes: {}", secret.expose_secret())).into()
}

fn hash(key: [u8; 32], parts: &[&str]) -> Hash {
    let mut hasher = Sha256::new_with_prefix(key);
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    // Uses half of the digest: nobody can compute the rest from it, which prevents length extension.
    std::array::from_fn(|at| digest[at])
}

fn hex(hash: Hash) -> String {
    format!("{:032x}", u128::from_be_bytes(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_depends_on_key_purpose_and_part_boundaries() {
        let hash = KeyedHash::new(&"ours".into());
        assert_eq!(hash.hex(&["a", "b"]), KeyedHash::new(&"ours".into()).hex(&["a", "b"]));
        assert_ne!(hash.of(&["a", "b"]), KeyedHash::new(&"theirs".into()).of(&["a", "b"]));
        assert_ne!(hash.of(&["a", "b"]), hash.of(&["ab"]));
        assert_ne!(hash.of(&["a", "b"]), hash.of(&["", "ab"]));
        assert_eq!(hash.hex(&["a"]).len(), 32);
    }

    #[test]
    fn new_secret_recognizes_hashes_of_the_previous_one() {
        let [old, new] = ["old", "new"].map(|secret| KeyedHash::new(&secret.into()));
        let rotated = new.clone().also_recognizing(Some(&"old".into()));
        for hash in [&old, &new] {
            assert!(rotated.is_hex_of(&hash.hex(&["a"]), &["a"]) && !rotated.is_hex_of(&hash.hex(&["a"]), &["b"]));
        }
        assert_eq!(rotated.hex(&["a"]), new.hex(&["a"]));
        assert!(!new.is_hex_of(&old.hex(&["a"]), &["a"]));
    }
}
