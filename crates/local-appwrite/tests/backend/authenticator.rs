//! An authenticator in software, which creates and uses passkeys, correctly or with chosen faults.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ciborium::{Value as Cbor, cbor};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub const PRESENT_AND_VERIFIED: u8 = 0x05;
pub const SYNCED: u8 = 0x18;
const NEW_CREDENTIAL: u8 = 0x40;

/// The values that the browser and the authenticator send besides the challenge.
#[derive(Clone)]
pub struct Says {
    pub origin: &'static str,
    pub rp_id: &'static str,
    pub flags: u8,
    pub counter: u32,
    /// More fields of the client data.
    pub more: Value,
}

impl Default for Says {
    fn default() -> Self {
        let flags = PRESENT_AND_VERIFIED;
        Self { origin: "http://localhost:3000", rp_id: "localhost", flags, counter: 0, more: json!({}) }
    }
}

enum Key {
    Es256(EcdsaKeyPair),
    Rs256(RsaKeyPair),
}

/// An authenticator with one passkey.
pub struct Authenticator {
    key: Key,
    pub id: Vec<u8>,
    user_handle: String,
}

impl Authenticator {
    /// A new authenticator whose credential has this id.
    pub fn new(id: &str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        Self { key: Key::Es256(key), id: id.into(), user_handle: String::new() }
    }

    pub fn with_rsa(id: &str) -> Self {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
        Self { key: Key::Rs256(key), id: id.into(), user_handle: String::new() }
    }

    /// Answers a registration challenge.
    pub fn create(&mut self, challenge: &Value, says: &Says) -> Value {
        let options = &challenge["publicKey"];
        options["user"]["id"].as_str().expect("a user handle").clone_into(&mut self.user_handle);
        let mut data = self.data(says, says.flags | NEW_CREDENTIAL);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("a short id").to_be_bytes());
        data.extend(&self.id);
        data.extend(written(&self.cose()));
        let object = cbor!({"fmt" => "none", "attStmt" => {}, "authData" => Cbor::Bytes(data)}).expect("CBOR");
        self.credential(json!({
            "clientDataJSON": client_data("webauthn.create", options, says),
            "attestationObject": BASE64_URL_SAFE_NO_PAD.encode(written(&object)),
            "transports": ["internal"],
        }))
    }

    /// Answers a sign-in challenge.
    pub fn get(&self, challenge: &Value, says: &Says) -> Value {
        let client_data = client_data("webauthn.get", &challenge["publicKey"], says);
        let client_data_bytes = BASE64_URL_SAFE_NO_PAD.decode(&client_data).expect("base64url");
        let data = self.data(says, says.flags);
        let message = [data.as_slice(), &Sha256::digest(client_data_bytes)].concat();
        self.credential(json!({
            "clientDataJSON": client_data,
            "authenticatorData": BASE64_URL_SAFE_NO_PAD.encode(data),
            "signature": BASE64_URL_SAFE_NO_PAD.encode(self.sign(&message)),
            "userHandle": self.user_handle,
        }))
    }

    fn credential(&self, response: Value) -> Value {
        let id = BASE64_URL_SAFE_NO_PAD.encode(&self.id);
        json!({"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {}})
    }

    fn data(&self, says: &Says, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(says.rp_id).to_vec();
        data.push(flags);
        data.extend(says.counter.to_be_bytes());
        data
    }

    fn cose(&self) -> Cbor {
        match &self.key {
            Key::Es256(key) => {
                let point = key.public_key().as_ref();
                let (x, y) = (Cbor::Bytes(point[1..33].into()), Cbor::Bytes(point[33..].into()));
                cbor!({1 => 2, 3 => -7, -1 => 1, -2 => x, -3 => y}).expect("CBOR")
            }
            Key::Rs256(key) => {
                let public = key.public_key();
                let n = Cbor::Bytes(public.modulus().big_endian_without_leading_zero().into());
                let e = Cbor::Bytes(public.exponent().big_endian_without_leading_zero().into());
                cbor!({1 => 3, 3 => -257, -1 => n, -2 => e}).expect("CBOR")
            }
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Key::Es256(key) => key.sign(&random, message).expect("a signature").as_ref().to_vec(),
            Key::Rs256(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).expect("a signature");
                signature
            }
        }
    }
}

fn client_data(kind: &str, options: &Value, says: &Says) -> String {
    let mut data =
        json!({"type": kind, "challenge": options["challenge"], "origin": says.origin, "crossOrigin": false});
    for (name, value) in says.more.as_object().expect("an object") {
        data[name] = value.clone();
    }
    BASE64_URL_SAFE_NO_PAD.encode(data.to_string())
}

fn written(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("CBOR");
    bytes
}
