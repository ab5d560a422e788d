//! The user's own records for a download: Appwrite's objects with the fields of a list, and so without secrets.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{client::SessionClient, error::AppwriteError, query::Query};

/// One of Appwrite's objects.
pub type Record = Map<String, Value>;

/// The most records in a list. Appwrite allows fewer sessions and passkeys.
const MAX_RECORDS: u32 = 100;

const ACCOUNT: [&str; 15] = [
    "$id",
    "$createdAt",
    "$updatedAt",
    "name",
    "registration",
    "status",
    "labels",
    "passwordUpdate",
    "email",
    "phone",
    "emailVerification",
    "phoneVerification",
    "mfa",
    "prefs",
    "accessedAt",
];

const SESSION: [&str; 25] = [
    "$id",
    "$createdAt",
    "$updatedAt",
    "expire",
    "provider",
    "providerUid",
    "ip",
    "osCode",
    "osName",
    "osVersion",
    "clientType",
    "clientCode",
    "clientName",
    "clientVersion",
    "clientEngine",
    "clientEngineVersion",
    "deviceName",
    "deviceBrand",
    "deviceModel",
    "countryCode",
    "countryName",
    "current",
    "factors",
    "mfaUpdatedAt",
    "userId",
];

const IDENTITY: [&str; 7] = ["$id", "$createdAt", "$updatedAt", "userId", "provider", "providerUid", "providerEmail"];

const PASSKEY: [&str; 5] = ["$id", "$createdAt", "$updatedAt", "name", "accessedAt"];

/// The lists of the routes below; each has one of them.
#[derive(Deserialize)]
struct List {
    #[serde(alias = "sessions", alias = "identities", alias = "passkeys")]
    records: Vec<Record>,
}

impl SessionClient {
    /// Returns the account with its preferences (`GET /account`).
    pub async fn account_record(&self) -> Result<Record, AppwriteError> {
        Ok(only(self.call(Method::GET, &["account"]).receive().await?, &ACCOUNT))
    }

    /// Returns the user's sessions (`GET /account/sessions`).
    pub async fn session_records(&self) -> Result<Vec<Record>, AppwriteError> {
        let list: List = self.call(Method::GET, &["account", "sessions"]).receive().await?;
        Ok(list.only(&SESSION))
    }

    /// Returns the user's accounts at OAuth2 providers (`GET /account/identities`).
    pub async fn identity_records(&self) -> Result<Vec<Record>, AppwriteError> {
        let call = self.call(Method::GET, &["account", "identities"]);
        let list: List = call.query("queries[]", Query::limit(MAX_RECORDS).to_wire()).receive().await?;
        Ok(list.only(&IDENTITY))
    }

    /// Returns the user's passkeys (`GET /account/passkeys`, from 2.5); none on servers without passkeys.
    pub async fn passkey_records(&self) -> Result<Option<Vec<Record>>, AppwriteError> {
        match self.call(Method::GET, &["account", "passkeys"]).may_be_missing().receive::<List>().await {
            Ok(list) => Ok(Some(list.only(&PASSKEY))),
            Err(error) if error.is_unknown_route() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl List {
    fn only(self, fields: &[&str]) -> Vec<Record> {
        self.records.into_iter().map(|record| only(record, fields)).collect()
    }
}

fn only(mut record: Record, fields: &[&str]) -> Record {
    record.retain(|name, _| fields.contains(&name.as_str()));
    record
}
