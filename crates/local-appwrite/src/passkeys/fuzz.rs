//! Tests that no response of an authenticator makes a ceremony panic, and that no changed response is accepted.

use std::sync::LazyLock;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ciborium::{Value as Cbor, cbor};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    RelyingParty,
    ceremony::{self, Credential},
    challenge::{Challenge, Purpose},
};
use crate::fuzz;

const CLIENT_DATA: &[&str] = &[
    r#"{"type":"webauthn.create","challenge":"AAAA","origin":"http://localhost:3000","crossOrigin":false}"#,
    r#"{"type":"webauthn.get","challenge":"AAAA","origin":"http://localhost:3000","topOrigin":null}"#,
];
const TOKENS: &[&str] = &["\"", "{", "}", ":", ",", "null", "true", "\\u0000", "é", "http://", "AAAA"];

static CHALLENGE: LazyLock<Challenge> = LazyLock::new(|| Challenge {
    id: "c".into(),
    purpose: Purpose::SignIn,
    rp: RelyingParty { id: "localhost".into(), origins: vec!["http://localhost".into()] },
    bytes: "AAAA".into(),
    created_at: Timestamp::UNIX_EPOCH,
    expire: Timestamp::UNIX_EPOCH,
});
static KEY: LazyLock<EcdsaKeyPair> =
    LazyLock::new(|| EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key"));
static OBJECTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| vec![attestation_object()]);
static ASSERTIONS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| vec![authenticator_data(0x05)]);

fn authenticator_data(flags: u8) -> Vec<u8> {
    let mut data = Sha256::digest("localhost").to_vec();
    data.push(flags);
    data.extend(7_u32.to_be_bytes());
    data
}

fn attestation_object() -> Vec<u8> {
    let point = KEY.public_key().as_ref();
    let (x, y) = (Cbor::Bytes(point[1..33].into()), Cbor::Bytes(point[33..].into()));
    let mut data = authenticator_data(0x45);
    data.extend([0; 16]);
    data.extend([0, 2, b'i', b'd']);
    data.extend(written(&cbor!({1 => 2, 3 => -7, -1 => 1, -2 => x, -3 => y}).expect("CBOR")));
    written(&cbor!({"fmt" => "none", "attStmt" => {}, "authData" => Cbor::Bytes(data)}).expect("CBOR"))
}

fn written(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("CBOR");
    bytes
}

fn text(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn sent(response: Value) -> Map<String, Value> {
    let sent = json!({"id": text(b"id"), "rawId": text(b"id"), "type": "public-key", "response": response});
    sent.as_object().cloned().unwrap_or_default()
}

fn created(client_data: &[u8], object: &[u8]) -> Option<Credential> {
    let response = json!({"clientDataJSON": text(client_data), "attestationObject": text(object)});
    ceremony::created(&sent(response), &CHALLENGE)
}

fn used(client_data: &[u8], data: &[u8], signature: &[u8]) -> Option<Credential> {
    let known = created(CLIENT_DATA[0].as_bytes(), &attestation_object()).expect("a credential");
    let response = json!({
        "clientDataJSON": text(client_data),
        "authenticatorData": text(data),
        "signature": text(signature),
        "userHandle": "AAAA",
    });
    ceremony::used(&sent(response), &CHALLENGE, &known, "AAAA")
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn credentials_never_cause_a_panic(
        client_data in fuzz::broken(CLIENT_DATA, TOKENS),
        object in fuzz::broken_bytes(&OBJECTS),
        data in fuzz::broken_bytes(&ASSERTIONS),
        fields in fuzz::json(&["id", "rawId", "type", "response", "public-key", "aWQ", "clientDataJSON", "attestationObject"]),
    ) {
        let _ = created(&client_data, &object);
        let _ = created(CLIENT_DATA[0].as_bytes(), &object);
        if let Value::Object(fields) = fields {
            prop_assert!(ceremony::created(&fields, &CHALLENGE).is_none());
        }
        // The counter has not increased, so the response fails before its signature is checked.
        let _ = used(&client_data, &data, &data);
    }

    #[test]
    fn altered_assertion_is_refused(data in fuzz::broken_bytes(&ASSERTIONS), client_data in fuzz::broken(&CLIENT_DATA[1..], TOKENS)) {
        let mut whole = authenticator_data(0x05);
        whole[36] = 8;
        let own = CLIENT_DATA[1].as_bytes();
        let message = [whole.as_slice(), &Sha256::digest(own)].concat();
        let signature = KEY.sign(&SystemRandom::new(), &message).expect("a signature");
        prop_assert!(used(own, &whole, signature.as_ref()).is_some());
        prop_assert!(used(own, &data, signature.as_ref()).is_none() || data == whole);
        prop_assert!(used(&client_data, &whole, signature.as_ref()).is_none() || client_data == own);
    }
}
