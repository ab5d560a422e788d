//! Random ids, secrets and codes, and the stored hashes of secrets.

use std::fmt::Write;

use jiff::Timestamp;
use rand::RngExt;
use sha2::{Digest, Sha256};

/// Returns random hexadecimal digits from the system's generator.
#[must_use]
pub fn hex(digits: usize) -> String {
    let mut random = rand::rng();
    (0..digits).map(|_| char::from(b"0123456789abcdef"[random.random_range(0..16)])).collect()
}

/// Returns random decimal digits.
#[must_use]
pub fn code(digits: usize) -> String {
    let mut random = rand::rng();
    (0..digits).map(|_| char::from(b'0' + random.random_range(0..10u8))).collect()
}

/// Generates an id like Appwrite: 20 hexadecimal digits of seconds, microseconds and randomness.
#[must_use]
pub fn id(now: Timestamp) -> String {
    let microseconds = rand::rng().random_range(0..1000) + i64::from(now.subsec_nanosecond()) / 1_000_000 * 1000;
    format!("{:08x}{:05x}{}", now.as_second(), microseconds, hex(7))
}

/// The stored hash of a session's or token's secret.
#[must_use]
pub fn hash(secret: &str) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(secret.as_bytes()) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_begins_with_its_second_and_has_twenty_digits() {
        let now: Timestamp = "2026-11-21T06:49:14.875Z".parse().expect("a timestamp");
        let id = id(now);
        assert_eq!(id.len(), 20);
        assert!(id.starts_with("6b013eead5"), "{id}");
    }

    #[test]
    fn two_ids_of_the_same_moment_differ() {
        let now = Timestamp::UNIX_EPOCH;
        assert_ne!(id(now), id(now));
    }

    #[test]
    fn hash_is_the_hexadecimal_sha_256() {
        assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
