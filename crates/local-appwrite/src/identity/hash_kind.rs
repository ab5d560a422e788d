//! Imported password hashes of other systems: stored unchanged, and verified.

use aes::cipher::{KeyIvInit, StreamCipher};
use base64::{Engine, prelude::BASE64_STANDARD};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};

use super::password;

/// The highest accepted cost of bcrypt, about ten seconds.
const MAX_BCRYPT: u32 = 17;

/// The algorithm of a password hash. Has no `Debug`: salts and keys are secret.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum HashKind {
    /// Argon2id, this backend's own algorithm.
    #[default]
    Argon2,
    /// bcrypt.
    Bcrypt,
    /// MD5, in hexadecimal digits.
    Md5,
    /// SHA-1, SHA-2 or SHA-3, in hexadecimal digits.
    Sha {
        /// The version, such as `sha3-512`.
        version: String,
    },
    /// The portable hashes of phpass, which WordPress used.
    Phpass,
    /// scrypt, in hexadecimal digits.
    Scrypt {
        /// The salt, as text.
        salt: String,
        /// The cost in time and memory, a power of two.
        cpu: i64,
        /// The size of a block.
        memory: i64,
        /// The parallelism.
        parallel: i64,
        /// The hash's length in bytes.
        length: i64,
    },
    /// Firebase's variant of scrypt; all values in base64.
    ScryptMod {
        /// The salt.
        salt: String,
        /// The bytes appended to the salt.
        separator: String,
        /// The project's key.
        signer_key: String,
    },
}

impl HashKind {
    /// Appwrite's name of the algorithm.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Argon2 => "argon2",
            Self::Bcrypt => "bcrypt",
            Self::Md5 => "md5",
            Self::Sha { .. } => "sha",
            Self::Phpass => "phpass",
            Self::Scrypt { .. } => "scrypt",
            Self::ScryptMod { .. } => "scryptMod",
        }
    }

    /// The options of `hash` in the users service's format.
    #[must_use]
    pub fn options(&self, hash: &str) -> Value {
        match self {
            Self::Argon2 => password::options_of(hash),
            Self::Sha { version } => json!({"type": self.name(), "version": version}),
            Self::Scrypt { salt, cpu, memory, parallel, length } => json!({
                "type": self.name(),
                "salt": salt,
                "costCpu": cpu,
                "costMemory": memory,
                "costParallel": parallel,
                "length": length,
            }),
            Self::ScryptMod { salt, separator, signer_key } => json!({
                "type": self.name(),
                "salt": salt,
                "saltSeparator": separator,
                "signerKey": signer_key,
            }),
            _ => json!({"type": self.name()}),
        }
    }

    /// Returns true if `password` matches the hash.
    #[must_use]
    pub fn matches(&self, password: &str, hash: &str) -> bool {
        if *self == Self::Argon2 {
            return password::matches(password, hash);
        }
        password::in_turn(|| self.verify(password.as_bytes(), hash)).unwrap_or(false)
    }

    /// Returns `None` if the hash or the options are invalid.
    fn verify(&self, password: &[u8], hash: &str) -> Option<bool> {
        Some(match self {
            Self::Argon2 => false,
            Self::Bcrypt => {
                let cost: u32 = hash.get(4..6)?.parse().ok()?;
                cost <= MAX_BCRYPT && bcrypt::verify(password, hash).ok()?
            }
            Self::Md5 => hex(&Md5::digest(password)) == hash,
            Self::Sha { version } => sha(version, password)? == hash,
            Self::Phpass => phpass(password, hash)? == hash,
            Self::Scrypt { salt, cpu, memory, parallel, length } => {
                let is_power = *cpu > 0 && cpu.count_ones() == 1;
                let log_n = u8::try_from(cpu.trailing_zeros()).ok().filter(|log_n| is_power && *log_n <= 20)?;
                let block = u32::try_from(*memory).ok().filter(|block| (1..=64).contains(block))?;
                let lanes = u32::try_from(*parallel).ok().filter(|lanes| (1..=16).contains(lanes))?;
                let mut output = vec![0; usize::try_from(*length).ok().filter(|length| (1..=1024).contains(length))?];
                let kibibytes = u64::from(block).checked_shl(log_n.into())? / 8;
                if kibibytes > password::MAX_MEMORY.into() {
                    return Some(false);
                }
                let params = scrypt::Params::new(log_n, block, lanes).ok()?;
                scrypt::scrypt(password, salt.as_bytes(), &params, &mut output).ok()?;
                hex(&output) == hash
            }
            Self::ScryptMod { salt, separator, signer_key } => {
                let decode = |text: &str| BASE64_STANDARD.decode(text).ok();
                let salt = [decode(salt)?, decode(separator)?].concat();
                let mut derived = [0; 64];
                let params = scrypt::Params::new(14, 8, 1).ok()?;
                scrypt::scrypt(password, &salt, &params, &mut derived).ok()?;
                let mut signed = decode(signer_key)?;
                let (key, _) = derived.split_at(32);
                ctr::Ctr128BE::<aes::Aes256>::new_from_slices(key, &[0; 16]).ok()?.apply_keystream(&mut signed);
                signed == decode(hash)?
            }
        })
    }
}

fn sha(version: &str, password: &[u8]) -> Option<String> {
    Some(match version {
        "sha1" => hex(&Sha1::digest(password)),
        "sha224" => hex(&Sha224::digest(password)),
        "sha256" => hex(&Sha256::digest(password)),
        "sha384" => hex(&Sha384::digest(password)),
        "sha512" => hex(&Sha512::digest(password)),
        "sha512/224" => hex(&Sha512_224::digest(password)),
        "sha512/256" => hex(&Sha512_256::digest(password)),
        "sha3-224" => hex(&Sha3_224::digest(password)),
        "sha3-256" => hex(&Sha3_256::digest(password)),
        "sha3-384" => hex(&Sha3_384::digest(password)),
        "sha3-512" => hex(&Sha3_512::digest(password)),
        _ => return None,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const PHPASS_DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Hashes `password` with the cost and salt of `hash`. Format: `$P$`, cost, 8 characters of salt, 22 of MD5.
fn phpass(password: &[u8], hash: &str) -> Option<String> {
    let setting = hash.get(..12).filter(|setting| setting.starts_with("$P$") || setting.starts_with("$H$"))?;
    let cost = PHPASS_DIGITS.iter().position(|digit| *digit == setting.as_bytes()[3])?;
    if !(7..=20).contains(&cost) {
        return None;
    }
    let mut digest = Md5::digest([&setting.as_bytes()[4..], password].concat());
    for _ in 0..1_u32 << cost {
        digest = Md5::digest([digest.as_slice(), password].concat());
    }
    let mut text = setting.to_owned();
    for bytes in digest.chunks(3) {
        let value = bytes.iter().rev().fold(0, |value, byte| value << 8 | usize::from(*byte));
        let digits = bytes.len() + 1;
        text.extend((0..digits).map(|place| char::from(PHPASS_DIGITS[value >> (6 * place) & 63])));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_right(kind: &HashKind, hash: &str) {
        assert!(kind.matches("appwrite", hash), "{}", kind.name());
        assert!(!kind.matches("Appwrite", hash), "{}", kind.name());
        assert!(!kind.matches("appwrite", "garbage"), "{}", kind.name());
    }

    #[test]
    fn published_hashes_match_only_their_password() {
        is_right(&HashKind::Md5, "144fa7eaa4904e8ee120651997f70dcc");
        is_right(&HashKind::Phpass, "$P$Br387rwferoKN7uwHZqNMu98q3U8RO.");
        is_right(
            &HashKind::Sha { version: "sha512".into() },
            "4243da0a694e8a2f727c8060fe0507c8fa01ca68146c76d2c190805b638c20c6bf6ba04e21f11ae138785d0bff63c416e6f87badbffad37f6dee50094cc38c70",
        );
        let salt = "appwrite".to_owned();
        is_right(
            &HashKind::Scrypt { salt, cpu: 16_384, memory: 13, parallel: 2, length: 64 },
            "3fdef49701bc4cfaacd551fe017283513284b4731e6945c263246ef948d3cf63b5d269c31fd697246085111a428245e24a4ddc6b64c687bc60a8910dbafc1d5b",
        );
        is_right(
            &HashKind::ScryptMod {
                salt: "UxLMreBr6tYyjQ==".into(),
                separator: "Bw==".into(),
                signer_key: "XyEKE9RcTDeLEsL/RjwPDBv/RqDl8fb3gpYEOQaPihbxf1ZAtSOHCjuAAa7Q3oHpCYhXSN9tizHgVOwn6krflQ=="
                    .into(),
            },
            "UlM7JiXRcQhzAGlaonpSqNSLIz475WMddOgLjej5De9vxTy48K6WtqlEzrRFeK4t0COfMhWCb8wuMHgxOFCHFQ==",
        );
        is_right(
            &HashKind::Argon2,
            "$argon2i$v=19$m=20,t=3,p=2$YXBwd3JpdGU$A/54i238ed09ZR4NwlACU5XnkjNBZU9QeOEuhjLiexI",
        );
    }

    #[test]
    fn bcrypt_hash_matches_only_its_password() {
        // From the tests of OpenBSD's bcrypt.
        let hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        assert!(HashKind::Bcrypt.matches("U*U", hash));
        assert!(!HashKind::Bcrypt.matches("U*V", hash));
    }
}
