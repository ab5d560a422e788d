//! Appwrite's models as they come over the wire.
//!
//! Unknown fields are ignored, and a field that a version lacks or sends as `null` is its type's empty value. Only what
//! identifies a thing (`$id`) is required.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

/// A person's account (Appwrite's model `User`).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The account's id.
    #[serde(rename = "$id", deserialize_with = "identifier")]
    pub id: String,
    /// When the account was created.
    #[serde(rename = "$createdAt", default, deserialize_with = "timestamp")]
    pub created_at: Option<Timestamp>,
    /// The person's name; empty if never given.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The e-mail address; empty for guests and accounts by phone.
    #[serde(default, deserialize_with = "or_default")]
    pub email: String,
    /// The phone number in E.164; empty if never given.
    #[serde(default, deserialize_with = "or_default")]
    pub phone: String,
    /// Whether the e-mail address was confirmed.
    #[serde(default, deserialize_with = "or_default")]
    pub email_verification: bool,
    /// Whether the phone number was confirmed.
    #[serde(default, deserialize_with = "or_default")]
    pub phone_verification: bool,
    /// Whether sign-in asks for a second factor.
    #[serde(default, deserialize_with = "or_default")]
    pub mfa: bool,
    /// False once the account is blocked.
    #[serde(default = "yes")]
    pub status: bool,
    /// Labels that the project's owner gave to the account.
    #[serde(default, deserialize_with = "or_default")]
    pub labels: Vec<String>,
    /// When the password was last set; none for accounts without one.
    #[serde(default, deserialize_with = "timestamp")]
    pub password_update: Option<Timestamp>,
}

/// A session (Appwrite's model `Session`), without its secret and the tokens of other providers: those never travel
/// with what is shown to people.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The session's id, which is no secret.
    #[serde(rename = "$id", deserialize_with = "identifier")]
    pub id: String,
    /// When the person signed in.
    #[serde(rename = "$createdAt", default, deserialize_with = "timestamp")]
    pub created_at: Option<Timestamp>,
    /// Whose session it is.
    #[serde(default, deserialize_with = "or_default")]
    pub user_id: String,
    /// When the session ends by itself.
    #[serde(default, deserialize_with = "timestamp")]
    pub expire: Option<Timestamp>,
    /// The way in: `email`, `anonymous`, `github` …
    #[serde(default, deserialize_with = "or_default")]
    pub provider: String,
    /// The address that signed in, as Appwrite saw it.
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
    /// The country that the address belongs to, in words.
    #[serde(default, deserialize_with = "or_default")]
    pub country_name: String,
    /// Whether this is the session that asked.
    #[serde(default, deserialize_with = "or_default")]
    pub current: bool,
    /// The factors given so far, for instance `password`.
    #[serde(default, deserialize_with = "or_default")]
    pub factors: Vec<String>,
}

/// One row: what Appwrite keeps about it, and its columns as `T`.
#[derive(Debug, Clone, Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
pub struct Row<T> {
    /// The row's id.
    #[serde(rename = "$id", deserialize_with = "identifier")]
    pub id: String,
    /// When the row was created.
    #[serde(rename = "$createdAt", default, deserialize_with = "timestamp")]
    pub created_at: Option<Timestamp>,
    /// When the row was last changed.
    #[serde(rename = "$updatedAt", default, deserialize_with = "timestamp")]
    pub updated_at: Option<Timestamp>,
    /// Who may do what with the row, in Appwrite's form: `read("users")`.
    #[serde(rename = "$permissions", default, deserialize_with = "or_default")]
    pub permissions: Vec<String>,
    /// The row's columns.
    #[serde(flatten)]
    pub data: T,
}

/// One page of rows.
#[derive(Debug, Clone, Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
pub struct RowList<T> {
    /// How many rows there are in all pages (Appwrite counts to 5,000 and stops there).
    #[serde(default, deserialize_with = "or_default")]
    pub total: u64,
    /// The rows of this page. Servers before 1.8 call them documents.
    #[serde(alias = "documents")]
    pub rows: Vec<Row<T>>,
}

/// A proof that is on its way to the person (Appwrite's model `Token`), without the secret that only they may read.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// Whose proof it is.
    #[serde(deserialize_with = "identifier")]
    pub user_id: String,
    /// Until when it works.
    #[serde(default, deserialize_with = "timestamp")]
    pub expire: Option<Timestamp>,
    /// Words that stand in the mail too, so that the person knows which mail is the answer to their request.
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
    /// A phone number that was confirmed.
    #[serde(default, deserialize_with = "or_default")]
    pub phone: bool,
    /// An e-mail address that was confirmed.
    #[serde(default, deserialize_with = "or_default")]
    pub email: bool,
    /// Codes that the person wrote down.
    #[serde(default, deserialize_with = "or_default")]
    pub recovery_code: bool,
}

/// A code that was asked for (Appwrite's model `MFAChallenge`).
#[derive(Debug, Clone, Deserialize)]
pub struct Challenge {
    /// The challenge's id.
    #[serde(rename = "$id", deserialize_with = "identifier")]
    pub id: String,
    /// Whose second factor is asked for.
    #[serde(rename = "userId", default, deserialize_with = "or_default")]
    pub user_id: String,
    /// Until when it can be answered.
    #[serde(default, deserialize_with = "timestamp")]
    pub expire: Option<Timestamp>,
}

/// That a person is present (Appwrite's model `Presence`).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Presence {
    /// Whose presence it is.
    #[serde(deserialize_with = "identifier")]
    pub user_id: String,
    /// When it was last told.
    #[serde(rename = "$updatedAt", default, deserialize_with = "timestamp")]
    pub updated_at: Option<Timestamp>,
    /// What the person shows beside the status; any JSON.
    #[serde(default)]
    pub metadata: serde_json::Value,
}

/// The answer of `GET /presences`.
#[derive(Deserialize)]
pub(super) struct PresenceList {
    #[serde(default, deserialize_with = "or_default")]
    pub presences: Vec<Presence>,
}

/// The answer of `GET /account/sessions`.
#[derive(Deserialize)]
pub(super) struct SessionList {
    #[serde(default, deserialize_with = "or_default")]
    pub sessions: Vec<Session>,
}

/// A session as it comes at its creation.
#[derive(Deserialize)]
pub(super) struct CreatedSession {
    #[serde(flatten)]
    pub session: Session,
    #[serde(default)]
    pub secret: Option<SecretString>,
}

/// The answer of `POST /account/jwts` and `POST /users/:id/jwts`.
#[derive(Deserialize)]
pub(super) struct Jwt {
    pub jwt: SecretString,
}

/// The answer of `GET /health/version`.
#[derive(Deserialize)]
pub(super) struct HealthVersion {
    pub version: String,
}

/// A table, without its columns.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TableState {
    /// Who may do what with all of its rows, in Appwrite's notation.
    #[serde(rename = "$permissions", default)]
    pub permissions: Vec<String>,
    /// Whether rows have permissions of their own.
    #[serde(rename = "rowSecurity", alias = "documentSecurity")]
    pub row_security: bool,
}

/// The columns of a table. Servers before 1.8 call them attributes.
#[derive(Deserialize)]
pub(super) struct ColumnList {
    #[serde(alias = "attributes")]
    pub columns: Vec<ColumnState>,
}

/// A column, and how far Appwrite is with it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ColumnState {
    /// Its name.
    pub key: String,
    /// Appwrite's word for what it holds: `string`, `double`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether each row must have a value in it.
    #[serde(default)]
    pub required: bool,
    /// The most characters that it takes, where it has such a limit.
    #[serde(default)]
    pub size: Option<u64>,
    /// `available` once it can be used.
    pub status: String,
}

/// The indexes of a table.
#[derive(Deserialize)]
pub(super) struct IndexList {
    pub indexes: Vec<IndexState>,
}

/// An index, and how far Appwrite is with it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct IndexState {
    /// Its name.
    pub key: String,
    /// `available` once it can be used.
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

/// Reads a date of Appwrite's: mostly `2026-11-21T06:49:14.881+00:00`, in places `2026-11-21 06:49:14.881` (UTC).
pub(super) fn parse_timestamp(text: &str) -> Option<Timestamp> {
    if let Ok(timestamp) = text.parse() {
        return Some(timestamp);
    }
    let civil: DateTime = text.parse().ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

fn timestamp<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.as_deref().and_then(parse_timestamp))
}

fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

fn identifier<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
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
    fn both_of_appwrite_s_ways_to_write_a_date_are_the_same_moment() {
        let written = ["2026-11-21T06:49:14.881+00:00", "2026-11-21 06:49:14.881", "2026-11-21T07:49:14.881+01:00"];
        for text in written {
            let moment = parse_timestamp(text).unwrap_or_else(|| panic!("{text} is a date"));
            assert_eq!(moment.to_string(), "2026-11-21T06:49:14.881Z", "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in ["", "never", "2026-13-01 00:00:00", "2026-11-21T25:00:00+00:00", "1795243754"] {
            assert_eq!(parse_timestamp(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_can_make_reading_a_date_panic(text in "\\PC{0,40}|[0-9TZ:+. -]{0,40}") {
            let _ = parse_timestamp(&text);
        }
    }
}
