//! Appwrite's models, as sent over the wire.
//!
//! Parsing ignores unknown fields, and replaces a missing or `null` field with its type's empty value. Only an object's
//! id (`$id`) is required.

use std::borrow::Cow;

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::{Offset, TimeZone},
};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value};

mod row;

pub use row::Row;

/// A user's account (Appwrite's model `User`).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The account's id.
    #[serde(rename = "$id", deserialize_with = "identifier")]
    pub id: String,
    /// When the account was created.
    #[serde(rename = "$createdAt", default, deserialize_with = "timestamp")]
    pub created_at: Option<Timestamp>,
    /// The user's name; empty if not set.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The email address; empty for guests and accounts by phone.
    #[serde(default, deserialize_with = "or_default")]
    pub email: String,
    /// The phone number in E.164; empty if not set.
    #[serde(default, deserialize_with = "or_default")]
    pub phone: String,
    /// True if the email address is verified.
    #[serde(default, deserialize_with = "or_default")]
    pub email_verification: bool,
    /// True if the phone number is verified.
    #[serde(default, deserialize_with = "or_default")]
    pub phone_verification: bool,
    /// True if sign-in requires a second factor.
    #[serde(default, deserialize_with = "or_default")]
    pub mfa: bool,
    /// False if the account is blocked.
    #[serde(default = "yes")]
    pub status: bool,
    /// Labels that the project's owner assigned.
    #[serde(default, deserialize_with = "or_default")]
    pub labels: Vec<String>,
    /// The time of the last password change; none for accounts without a password.
    #[serde(default, deserialize_with = "timestamp")]
    pub password_update: Option<Timestamp>,
    /// The user's preferences, as the app stored them.
    #[serde(default, deserialize_with = "object")]
    pub prefs: Map<String, Value>,
}

impl User {
    /// True for a guest: an account without an email address or phone number. Nobody can sign in to it again.
    pub fn is_guest(&self) -> bool {
        self.email.is_empty() && self.phone.is_empty()
    }
}

/// A user's preferences (Appwrite's model `Preferences`).
#[derive(Deserialize)]
pub(super) struct Preferences(#[serde(deserialize_with = "object")] pub Map<String, Value>);

/// A session (Appwrite's model `Session`). Omits its secret and the tokens of OAuth2 providers, so that they never
/// reach a page by mistake.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The session's id, which is not secret.
    #[serde(rename = "$id", deserialize_with = "identifier")]
    pub id: String,
    /// The time of the sign-in.
    #[serde(rename = "$createdAt", default, deserialize_with = "timestamp")]
    pub created_at: Option<Timestamp>,
    /// When the session was last extended or passed a second factor.
    #[serde(rename = "$updatedAt", default, deserialize_with = "timestamp")]
    pub updated_at: Option<Timestamp>,
    /// The user's id.
    #[serde(default, deserialize_with = "or_default")]
    pub user_id: String,
    /// The session's expiry.
    #[serde(default, deserialize_with = "timestamp")]
    pub expire: Option<Timestamp>,
    /// The sign-in method: `email`, `anonymous`, `github` …
    #[serde(default, deserialize_with = "or_default")]
    pub provider: String,
    /// The client address at sign-in, as seen by Appwrite.
    #[serde(default, deserialize_with = "or_default")]
    pub ip: String,
    /// The operating system's name, for instance `iOS`.
    #[serde(default, deserialize_with = "or_default")]
    pub os_name: String,
    /// The browser's or library's name, for instance `Mobile Safari`.
    #[serde(default, deserialize_with = "or_default")]
    pub client_name: String,
    /// The kind of device, for instance `smartphone`.
    #[serde(default, deserialize_with = "or_default")]
    pub device_name: String,
    /// The device's maker, for instance `Apple`.
    #[serde(default, deserialize_with = "or_default")]
    pub device_brand: String,
    /// The address's country as two letters; `--` if unknown.
    #[serde(default, deserialize_with = "or_default")]
    pub country_code: String,
    /// The name of the address's country.
    #[serde(default, deserialize_with = "or_default")]
    pub country_name: String,
    /// True if this session made the call.
    #[serde(default, deserialize_with = "or_default")]
    pub current: bool,
    /// The completed factors, for instance `password`.
    #[serde(default, deserialize_with = "or_default")]
    pub factors: Vec<String>,
}

/// One page of rows.
#[derive(Debug, Clone, Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
pub struct RowList<T> {
    /// The number of rows in all pages (Appwrite counts up to 5,000).
    #[serde(default, deserialize_with = "or_default")]
    pub total: u64,
    /// The rows of this page. Servers before 1.8 call them documents.
    #[serde(alias = "documents")]
    pub rows: Vec<Row<T>>,
}

/// A proof sent to the user (Appwrite's model `Token`), without the secret that only the user may read.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// The user's id.
    #[serde(deserialize_with = "identifier")]
    pub user_id: String,
    /// The proof's expiry.
    #[serde(default, deserialize_with = "timestamp")]
    pub expire: Option<Timestamp>,
    /// A security phrase that the email also contains, so that the user can recognize the right email.
    #[serde(default, deserialize_with = "or_default")]
    pub phrase: String,
}

/// The factors that an account has (Appwrite's model `MFAFactors`).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Factors {
    /// An authenticator app.
    #[serde(default, deserialize_with = "or_default")]
    pub totp: bool,
    /// A verified phone number.
    #[serde(default, deserialize_with = "or_default")]
    pub phone: bool,
    /// A verified email address.
    #[serde(default, deserialize_with = "or_default")]
    pub email: bool,
    /// Recovery codes that the user saved.
    #[serde(default, deserialize_with = "or_default")]
    pub recovery_code: bool,
    /// The project's own factor, whose codes the project's operator delivers (from 2.0).
    #[serde(default, deserialize_with = "or_default")]
    pub custom: bool,
}

/// An authenticator app that is not confirmed yet.
#[derive(Debug, Clone, Deserialize)]
pub struct NewAuthenticator {
    /// The shared secret in base32, for apps that cannot scan.
    pub secret: SecretString,
    /// The `otpauth:` address for the QR code. It contains the secret.
    pub uri: SecretString,
}

/// A passkey of a user (Appwrite's model `Passkey`).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Passkey {
    /// The passkey's id, which is not secret.
    #[serde(rename = "$id", deserialize_with = "identifier")]
    pub id: String,
    /// When the user added it.
    #[serde(rename = "$createdAt", default, deserialize_with = "timestamp")]
    pub created_at: Option<Timestamp>,
    /// The name that the user gave it.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The last sign-in with this passkey; none before the first one.
    #[serde(default, deserialize_with = "timestamp")]
    pub accessed_at: Option<Timestamp>,
}

/// The response of `GET /account/passkeys`.
#[derive(Deserialize)]
pub(super) struct PasskeyList {
    #[serde(default, deserialize_with = "or_default")]
    pub passkeys: Vec<Passkey>,
}

/// A challenge for a browser (Appwrite's model `PasskeyChallenge`).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyChallenge {
    /// The challenge's id.
    #[serde(rename = "$id", deserialize_with = "identifier")]
    pub id: String,
    /// The id of the passkey to add; empty for a sign-in.
    #[serde(default, deserialize_with = "or_default")]
    pub passkey_id: String,
    /// The browser's options, in WebAuthn's JSON form.
    pub public_key: Value,
}

/// A token whose secret proves a sign-in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SecretToken {
    #[serde(deserialize_with = "identifier")]
    pub user_id: String,
    pub secret: SecretString,
}

/// The response of the routes that create recovery codes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecoveryCodes {
    pub recovery_codes: Vec<SecretString>,
}

/// A challenge for a second factor (Appwrite's model `MFAChallenge`).
#[derive(Debug, Clone, Deserialize)]
pub struct Challenge {
    /// The challenge's id.
    #[serde(rename = "$id", deserialize_with = "identifier")]
    pub id: String,
    /// The user's id.
    #[serde(rename = "userId", default, deserialize_with = "or_default")]
    pub user_id: String,
    /// The challenge's expiry.
    #[serde(default, deserialize_with = "timestamp")]
    pub expire: Option<Timestamp>,
}

/// A user's presence (Appwrite's model `Presence`).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Presence {
    /// The user's id.
    #[serde(deserialize_with = "identifier")]
    pub user_id: String,
    /// The time of the last update.
    #[serde(rename = "$updatedAt", default, deserialize_with = "timestamp")]
    pub updated_at: Option<Timestamp>,
    /// Further data that the user has set; any JSON.
    #[serde(default)]
    pub metadata: Value,
}

/// The response of `GET /presences`.
#[derive(Deserialize)]
pub(super) struct PresenceList {
    #[serde(default, deserialize_with = "or_default")]
    pub presences: Vec<Presence>,
}

/// The response of `GET /account/sessions`.
#[derive(Deserialize)]
pub(super) struct SessionList {
    #[serde(default, deserialize_with = "or_default")]
    pub sessions: Vec<Session>,
}

/// A new session, as Appwrite returns it once.
#[derive(Deserialize)]
pub(super) struct CreatedSession {
    #[serde(flatten)]
    pub session: Session,
    #[serde(default)]
    pub secret: Option<SecretString>,
}

/// The response of `POST /account/jwts` and `POST /users/:id/jwts`.
#[derive(Deserialize)]
pub(super) struct Jwt {
    pub jwt: SecretString,
}

/// The response of `GET /health/version`.
#[derive(Deserialize)]
pub(super) struct HealthVersion {
    pub version: String,
}

/// A table, without its columns.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TableState {
    /// The permissions for all of its rows, in Appwrite's notation.
    #[serde(rename = "$permissions", default)]
    pub permissions: Vec<String>,
    /// True if rows have their own permissions.
    #[serde(rename = "rowSecurity", alias = "documentSecurity")]
    pub row_security: bool,
}

/// The columns of a table. Servers before 1.8 call them attributes.
#[derive(Deserialize)]
pub(super) struct ColumnList {
    #[serde(alias = "attributes")]
    pub columns: Vec<ColumnState>,
}

/// A column and its status.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ColumnState {
    /// The name.
    pub key: String,
    /// Appwrite's type: `string`, `double`.
    #[serde(rename = "type")]
    pub kind: String,
    /// True if each row must have a value.
    #[serde(default)]
    pub required: bool,
    /// The maximum length in characters, if limited.
    #[serde(default)]
    pub size: Option<u64>,
    /// `available` once it is usable.
    pub status: String,
}

/// The indexes of a table.
#[derive(Deserialize)]
pub(super) struct IndexList {
    pub indexes: Vec<IndexState>,
}

/// An index and its status.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct IndexState {
    /// The name.
    pub key: String,
    /// `available` once it is usable.
    pub status: String,
}

/// Appwrite's error body.
#[derive(Deserialize)]
pub(super) struct ErrorBody {
    #[serde(default)]
    pub message: String,
    #[serde(rename = "type")]
    pub kind: String,
}

/// Parses Appwrite's dates: usually `2026-11-21T06:49:14.881+00:00`, sometimes `2026-11-21 06:49:14.881` (UTC).
pub(super) fn parse_timestamp(text: &str) -> Option<Timestamp> {
    if let Some(timestamp) = parse_usual_timestamp(text).or_else(|| text.parse().ok()) {
        return Some(timestamp);
    }
    let civil: DateTime = text.parse().ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Parses `2026-11-21T06:49:14.881+00:00`. Each row has two of them, and the parser of all forms takes several times as long.
fn parse_usual_timestamp(text: &str) -> Option<Timestamp> {
    #[rustfmt::skip]
    let &[
        y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T',
        h1, h2, b':', n1, n2, b':', s1, s2, b'.', f1, f2, f3, b'+', b'0', b'0', b':', b'0', b'0',
    ] = text.as_bytes() else { return None };
    let number = |digits: &[u8]| {
        digits
            .iter()
            .try_fold(0, |number: i16, digit| digit.is_ascii_digit().then(|| number * 10 + i16::from(digit - b'0')))
    };
    let pair = |digits: [u8; 2]| i8::try_from(number(&digits)?).ok();
    let nanosecond = i32::from(number(&[f1, f2, f3])?) * 1_000_000;
    let date = Date::new(number(&[y1, y2, y3, y4])?, pair([m1, m2])?, pair([d1, d2])?).ok()?;
    let time = Time::new(pair([h1, h2])?, pair([n1, n2])?, pair([s1, s2])?, nanosecond).ok()?;
    Offset::UTC.to_timestamp(date.to_datetime(time)).ok()
}

pub(super) fn timestamp<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

    Ok(Option::<Text<'_>>::deserialize(deserializer)?.and_then(|text| parse_timestamp(&text.0)))
}

pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads an object. PHP writes an empty one as a list.
fn object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Object(object) => Ok(object),
        _ => Ok(Map::new()),
    }
}

pub(super) fn identifier<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let id = String::deserialize(deserializer)?;
    if id.is_empty() {
        return Err(serde::de::Error::custom("an empty id identifies nothing"));
    }
    Ok(id)
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_timestamp_formats_are_parsed() {
        let written = ["2026-11-21T06:49:14.881+00:00", "2026-11-21 06:49:14.881", "2026-11-21T07:49:14.881+01:00"];
        for text in written {
            let moment = parse_timestamp(text).unwrap_or_else(|| panic!("{text} is a date"));
            assert_eq!(moment.to_string(), "2026-11-21T06:49:14.881Z", "{text}");
        }
    }

    #[test]
    fn malformed_timestamp_is_none() {
        for text in ["", "never", "2026-13-01 00:00:00", "2026-11-21T25:00:00+00:00", "1795243754"] {
            assert_eq!(parse_timestamp(text), None, "{text}");
        }
    }

    #[test]
    fn usual_timestamp_is_that_of_the_general_parser() {
        for text in ["2026-11-21T06:49:14.881+00:00", "1969-12-31T23:59:59.999+00:00", "2024-02-29T00:00:00.000+00:00"]
        {
            assert_eq!(parse_usual_timestamp(text), Some(text.parse().expect("a date")), "{text}");
        }
        for text in [
            "2026-02-29T00:00:00.000+00:00",
            "2026-11-21T24:00:00.000+00:00",
            "2026-11-21T06:49:60.000+00:00",
            "2026-11-21T06:49:14.881+01:00",
            "2026-11-21 06:49:14.881+00:00",
            "2026-11-21T06:49:14.88x+00:00",
            "2026-11-21T06:49:14.8810+0:00",
        ] {
            assert_eq!(parse_usual_timestamp(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn usual_timestamp_is_never_another(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]\\.[0-9]{3}\\+00:00",
        ) {
            if let Some(timestamp) = parse_usual_timestamp(&text) {
                prop_assert_eq!(Some(timestamp), text.parse().ok());
            }
        }

        #[test]
        fn date_parser_never_panics(text in "\\PC{0,40}|[0-9TZ:+. -]{0,40}|\\PC{4}-..-..T..:..:..\\.\\PC{3}\\+00:00") {
            let _ = parse_timestamp(&text);
        }
    }
}
