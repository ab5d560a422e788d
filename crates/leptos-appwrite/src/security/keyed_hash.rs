//! Keyed hashes: fixed-size substitutes for addresses and ids that clients choose.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// A hash of a text. Computing it requires the key.
pub type Hash = [u8; 16];

/// Hashes texts under one key.
#[derive(Clone)]
pub struct KeyedHash {
    key: [u8; 32],
}

impl KeyedHash {
    /// Derives a key from the API key: the same in all instances of the app and after a restart.
    pub fn new(api_key: &SecretString) -> Self {
        let material = format!("leptos-appwrite: key of the hashes: {}", api_key.expose_secret());
        Self { key: Sha256::digest(material).into() }
    }

    /// Creates a random key for this process.
    pub fn random() -> Self {
        Self { key: rand::random() }
    }

    /// Hashes `parts`. The first part names the purpose, so that hashes for two purposes never match.
    pub fn of(&self, parts: &[&str]) -> Hash {
        let mut hasher = Sha256::new_with_prefix(self.key);
        for part in parts {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        let digest: [u8; 32] = hasher.finalize().into();
        // Uses half of the digest: nobody can compute the rest from it, which prevents length extension.
        std::array::from_fn(|at| digest[at])
    }

    /// Returns the hash as 32 hexadecimal digits.
    pub fn hex(&self, parts: &[&str]) -> String {
        format!("{:032x}", u128::from_be_bytes(self.of(parts)))
    }
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
}
