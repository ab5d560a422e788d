//! Verifies an authenticator's response as in WebAuthn Level 3, sections 7.1 and 7.2.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ciborium::Value as Cbor;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::challenge::Challenge;

/// A credential id is at most this long.
const MAX_ID_LENGTH: usize = 1023;

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const HAS_CREDENTIAL: u8 = 0x40;
const HAS_EXTENSIONS: u8 = 0x80;

/// A verified credential. Its bytes are in base64url.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Credential {
    pub(super) id: String,
    /// The public key in COSE form.
    key: String,
    counter: u32,
    backup_eligible: bool,
    backed_up: bool,
    transports: Vec<String>,
}

impl Credential {
    /// The credential in the format of the browser's lists.
    pub(super) fn descriptor(&self) -> Value {
        let mut descriptor = json!({"type": "public-key", "id": self.id});
        if !self.transports.is_empty() {
            descriptor["transports"] = json!(self.transports);
        }
        descriptor
    }
}

/// The id of the credential in the browser's answer.
pub(super) fn id_of(sent: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| sent.get(name).and_then(Value::as_str);
    let (id, raw_id) = (decode(text("id")?)?, decode(text("rawId")?)?);
    let is_whole = text("type")? == "public-key" && sent.get("response")?.is_object();
    (is_whole && id == raw_id && (1..=MAX_ID_LENGTH).contains(&id.len())).then(|| encode(&id))
}

/// Returns the credential that a browser has created for this challenge; `None` if it is invalid.
pub(super) fn created(sent: &Map<String, Value>, challenge: &Challenge) -> Option<Credential> {
    let id = id_of(sent)?;
    let response = sent.get("response")?;
    check_client_data(&bytes(response, "clientDataJSON")?, "webauthn.create", challenge)?;
    let data = authenticator_data_of(&bytes(response, "attestationObject")?)?;
    let data = AuthenticatorData::parse(&data, &challenge.rp.id)?;
    let (own_id, key) = data.credential?;
    PublicKey::of_cose(key)?;
    let names = response.get("transports").and_then(Value::as_array);
    (encode(own_id) == id).then(|| Credential {
        id,
        key: encode(key),
        counter: data.counter,
        backup_eligible: data.backup_eligible,
        backed_up: data.backed_up,
        transports: names.into_iter().flatten().filter_map(Value::as_str).take(8).map(str::to_owned).collect(),
    })
}

/// Returns the credential after its use for this challenge; `None` if the response is invalid.
pub(super) fn used(
    sent: &Map<String, Value>,
    challenge: &Challenge,
    known: &Credential,
    user_handle: &str,
) -> Option<Credential> {
    let response = sent.get("response")?;
    let client_data = bytes(response, "clientDataJSON")?;
    check_client_data(&client_data, "webauthn.get", challenge)?;
    // The challenge allows any credential, so the response must name its user.
    if bytes(response, "userHandle")? != decode(user_handle)? {
        return None;
    }
    let signed = bytes(response, "authenticatorData")?;
    let data = AuthenticatorData::parse(&signed, &challenge.rp.id)?;
    // Synced passkeys share no counter. An authenticator without a counter always sends zero.
    let has_risen = data.counter > known.counter || (data.counter == 0 && known.counter == 0);
    if data.backup_eligible != known.backup_eligible || !(data.backup_eligible || has_risen) {
        return None;
    }
    let message = [signed.as_slice(), &Sha256::digest(&client_data)].concat();
    PublicKey::of_cose(&decode(&known.key)?)?.verify(&message, &bytes(response, "signature")?)?;
    Some(Credential { counter: data.counter, backed_up: data.backed_up, ..known.clone() })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    #[serde(default)]
    top_origin: Option<Value>,
}

fn check_client_data(json: &[u8], kind: &str, challenge: &Challenge) -> Option<()> {
    let data: ClientData = serde_json::from_slice(json).ok()?;
    // Pages in frames are refused.
    let is_top = !data.cross_origin && data.top_origin.is_none();
    let is_answer = data.r#type == kind && data.challenge == challenge.bytes;
    (is_top && is_answer && challenge.rp.has_page(&data.origin)).then_some(())
}

/// Returns the authenticator data of an attestation object. Ignores the attestation itself, which was not requested.
fn authenticator_data_of(object: &[u8]) -> Option<Vec<u8>> {
    let mut rest = object;
    let object = cbor(&mut rest)?;
    let field = |name: &str| entry(&object, |key| key.as_text() == Some(name));
    let format = field("fmt")?.as_text()?;
    let statement = field("attStmt")?.as_map()?;
    let is_sound = rest.is_empty() && (format != "none" || statement.is_empty());
    field("authData")?.as_bytes().filter(|_| is_sound).cloned()
}

struct AuthenticatorData<'a> {
    counter: u32,
    backup_eligible: bool,
    backed_up: bool,
    /// The id and the key of a new credential.
    credential: Option<(&'a [u8], &'a [u8])>,
}

impl<'a> AuthenticatorData<'a> {
    /// Returns `None` for malformed data, for another relying party, and for a user who was not verified.
    fn parse(data: &'a [u8], rp_id: &str) -> Option<Self> {
        let (rp_hash, rest) = data.split_at_checked(32)?;
        let (&[flags], rest) = rest.split_first_chunk()?;
        let (counter, mut rest) = rest.split_first_chunk()?;
        let has = |flag: u8| flags & flag == flag;
        let mut credential = None;
        if has(HAS_CREDENTIAL) {
            let (_aaguid, after) = rest.split_at_checked(16)?;
            let (length, after) = after.split_first_chunk()?;
            let (id, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
            let mut end = after;
            cbor(&mut end)?;
            credential = Some((id, after.get(..after.len() - end.len())?));
            rest = end;
        }
        if has(HAS_EXTENSIONS) {
            cbor(&mut rest)?.as_map()?;
        }
        let is_ours = rp_hash == Sha256::digest(rp_id.as_bytes()).as_slice();
        let is_possible = has(BACKUP_ELIGIBLE) || !has(BACKED_UP);
        let is_sound = is_ours && is_possible && has(USER_PRESENT) && has(USER_VERIFIED) && rest.is_empty();
        is_sound.then_some(Self {
            counter: u32::from_be_bytes(*counter),
            backup_eligible: has(BACKUP_ELIGIBLE),
            backed_up: has(BACKED_UP),
            credential,
        })
    }
}

/// A key of one of the two algorithms that the challenge offers.
enum PublicKey {
    /// ES256 on P-256.
    Es256(ParsedPublicKey),
    /// RS256: modulus and exponent.
    Rs256(Vec<u8>, Vec<u8>),
}

impl PublicKey {
    fn of_cose(mut bytes: &[u8]) -> Option<Self> {
        let map = cbor(&mut bytes)?;
        let field = |label: i64| entry(&map, |key| key.as_integer() == Some(label.into()));
        let number = |label: i64| i64::try_from(field(label)?.as_integer()?).ok();
        let text = |label: i64| field(label)?.as_bytes();
        match (number(1)?, number(3)?) {
            (2, -7) if number(-1)? == 1 => {
                let (x, y) = (text(-2)?, text(-3)?);
                let point = [&[4], x.as_slice(), y].concat();
                let is_whole = x.len() == 32 && y.len() == 32;
                ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).ok().filter(|_| is_whole).map(Self::Es256)
            }
            (3, -257) => {
                let (modulus, exponent) = (text(-1)?.clone(), text(-2)?.clone());
                let is_known_size = (256..=1024).contains(&modulus.len()) && (1..=8).contains(&exponent.len());
                is_known_size.then_some(Self::Rs256(modulus, exponent))
            }
            _ => None,
        }
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        match self {
            Self::Es256(key) => key.verify_sig(message, signature).ok(),
            Self::Rs256(n, e) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).ok()
            }
        }
    }
}

/// Reads one CBOR item and moves behind it.
fn cbor(bytes: &mut &[u8]) -> Option<Cbor> {
    ciborium::de::from_reader_with_recursion_limit(bytes, 8).ok()
}

/// Returns the value of a key that occurs exactly once.
fn entry(map: &Cbor, is_wanted: impl Fn(&Cbor) -> bool) -> Option<&Cbor> {
    let mut found = map.as_map()?.iter().filter(|(key, _)| is_wanted(key));
    found.next().filter(|_| found.next().is_none()).map(|(_, value)| value)
}

fn bytes(response: &Value, name: &str) -> Option<Vec<u8>> {
    decode(response.get(name)?.as_str()?)
}

fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
