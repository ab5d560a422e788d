//! A user: the stored record, and its two formats in responses.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{EmailFacts, Target};
use crate::{ApiError, ErrorKind, Profile, clock, identity::HashKind};

/// A user of the project. Has no `Debug`: it holds the password's hash and the recovery codes.
#[derive(Clone, Serialize, Deserialize)]
pub struct User {
    /// `$id`.
    pub id: String,
    /// `$createdAt`.
    pub created_at: Timestamp,
    /// `$updatedAt`.
    pub updated_at: Timestamp,
    /// The time of the sign-up.
    pub registration: Timestamp,
    /// The user's last activity; Appwrite stores only the day.
    pub accessed_at: Timestamp,
    /// The user's name.
    pub name: String,
    /// False if the user is blocked.
    pub status: bool,
    /// Labels. Each one is a role.
    pub labels: Vec<String>,
    /// The password's hash, in PHC format if this backend has created it.
    pub password: Option<String>,
    /// The algorithm of the password's hash.
    #[serde(default)]
    pub hash_kind: HashKind,
    /// The hashes of this password and of former ones, newest last, if the project keeps them.
    #[serde(default)]
    pub password_history: Vec<String>,
    /// True if the password is known from a data breach; `None` if this was never checked.
    #[serde(default)]
    pub password_pwned: Option<bool>,
    /// When the password was set.
    pub password_update: Option<Timestamp>,
    /// The email address, in lower case.
    pub email: Option<String>,
    /// True if the address is verified.
    pub email_verification: bool,
    /// The phone number in E.164 format.
    pub phone: Option<String>,
    /// True if the number is verified.
    pub phone_verification: bool,
    /// True if sign-in requires a second factor.
    pub mfa: bool,
    /// The user's preferences: any JSON object.
    pub prefs: Map<String, Value>,
    /// The user's messaging targets.
    pub targets: Vec<Target>,
    /// True if the user may impersonate others.
    #[serde(default)]
    pub impersonator: bool,
    /// Unused recovery codes of the second factor.
    pub recovery_codes: Vec<String>,
}

impl User {
    /// A user without address, number and password, who signs up at `now`.
    #[must_use]
    pub fn new(id: String, now: Timestamp) -> Self {
        Self {
            id,
            created_at: now,
            updated_at: now,
            registration: now,
            accessed_at: now,
            name: String::new(),
            status: true,
            labels: Vec::new(),
            password: None,
            hash_kind: HashKind::default(),
            password_history: Vec::new(),
            password_pwned: None,
            password_update: None,
            email: None,
            email_verification: false,
            phone: None,
            phone_verification: false,
            mfa: false,
            prefs: Map::new(),
            targets: Vec::new(),
            impersonator: false,
            recovery_codes: Vec::new(),
        }
    }

    /// Sets the user's password, given as its hash.
    pub fn set_password(&mut self, hash: String, now: Timestamp) {
        self.password = Some(hash);
        self.hash_kind = HashKind::default();
        self.password_update = Some(now);
    }

    /// Updates the date if the user differs from `before`. A request that changes nothing keeps the date, as in
    /// Appwrite.
    ///
    /// # Errors
    /// When the users cannot be compared.
    pub fn touch(&mut self, before: &Self, now: Timestamp) -> Result<(), ApiError> {
        if serde_json::to_string(self)? != serde_json::to_string(before)? {
            self.updated_at = now;
        }
        Ok(())
    }

    /// Returns true if `password` is correct. Slow, because it hashes.
    #[must_use]
    pub fn has_password(&self, password: &str) -> bool {
        self.password.as_deref().is_some_and(|hash| self.hash_kind.matches(password, hash))
    }

    /// The user in the account's format.
    #[must_use]
    pub fn wire(&self, profile: Profile) -> Value {
        Value::Object(self.fields(profile, Map::new()))
    }

    /// The user in the users service's format, with the password's hash.
    #[must_use]
    pub fn admin_wire(&self, profile: Profile) -> Value {
        let mut hash = Map::new();
        // Newer servers return null for a missing password.
        let none = if profile >= Profile::OneNineNext { Value::Null } else { "".into() };
        hash.insert("password".into(), self.password.clone().map_or(none, Value::from));
        hash.insert("hash".into(), self.hash_kind.name().into());
        hash.insert("hashOptions".into(), self.hash_kind.options(self.password.as_deref().unwrap_or("")));
        Value::Object(self.fields(profile, hash))
    }

    /// The user in an event that an API key has caused.
    #[must_use]
    pub fn admin_event_payload(&self, profile: Profile) -> Value {
        let mut payload = self.admin_wire(profile);
        // In these events, the value is JSON within JSON.
        payload["hashOptions"] = payload["hashOptions"].to_string().into();
        if self.prefs.is_empty() {
            payload["prefs"] = json!([]);
        }
        payload
    }

    /// The user in an event, where PHP writes an empty object as `[]`.
    #[must_use]
    pub fn event_payload(&self, profile: Profile) -> Value {
        let mut payload = self.wire(profile);
        if self.prefs.is_empty() {
            payload["prefs"] = json!([]);
        }
        payload
    }

    fn fields(&self, profile: Profile, hash: Map<String, Value>) -> Map<String, Value> {
        let mut fields = Map::new();
        let mut put = |key: &str, value: Value| fields.insert(key.to_owned(), value);
        put("$id", self.id.clone().into());
        put("$createdAt", clock::wire(self.created_at).into());
        put("$updatedAt", clock::wire(self.updated_at).into());
        put("name", self.name.clone().into());
        for (key, value) in hash {
            put(&key, value);
        }
        put("registration", clock::wire(self.registration).into());
        put("status", self.status.into());
        put("labels", self.labels.clone().into());
        put("passwordUpdate", self.password_update.map(clock::wire).unwrap_or_default().into());
        put("email", self.email.clone().unwrap_or_default().into());
        put("phone", self.phone.clone().unwrap_or_default().into());
        put("emailVerification", self.email_verification.into());
        if profile >= Profile::OneNine {
            for (key, value) in self.email_facts() {
                put(key, value);
            }
        }
        put("phoneVerification", self.phone_verification.into());
        put("mfa", self.mfa.into());
        put("prefs", self.prefs.clone().into());
        let targets: Vec<Value> = self.targets.iter().map(|target| target.wire(&self.id)).collect();
        put("targets", targets.into());
        put("accessedAt", clock::wire(self.accessed_at).into());
        if profile >= Profile::OneNine {
            put("impersonator", self.impersonator.into());
            put("impersonatorUserId", Value::Null);
        }
        if profile == Profile::Two {
            put("passwordPwned", self.password_pwned.into());
        }
        fields
    }

    fn email_facts(&self) -> [(&'static str, Value); 5] {
        let facts = self.email.as_deref().map(EmailFacts::of);
        let facts = facts.as_ref();
        [
            ("emailCanonical", json!(facts.map(|facts| &facts.canonical))),
            ("emailIsFree", json!(facts.map(|facts| facts.is_free))),
            ("emailIsDisposable", json!(facts.map(|facts| facts.is_disposable))),
            ("emailIsCorporate", json!(facts.map(|facts| facts.is_corporate))),
            ("emailIsCanonical", json!(facts.map(|facts| facts.is_canonical))),
        ]
    }
}

fn read(row: &Row<'_>) -> Result<String, rusqlite::Error> {
    row.get(0)
}

fn one(db: &Connection, sql: &str, value: &str) -> Result<Option<User>, ApiError> {
    let document = db.query_row(sql, [value], read).optional()?;
    Ok(document.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// The user with this id.
pub(crate) fn find(db: &Connection, id: &str) -> Result<Option<User>, ApiError> {
    one(db, "SELECT document FROM users WHERE id = ?1 COLLATE NOCASE", id)
}

/// The user with this address, ignoring case.
pub(crate) fn find_by_email(db: &Connection, email: &str) -> Result<Option<User>, ApiError> {
    one(db, "SELECT document FROM users WHERE email = ?1", &email.to_lowercase())
}

/// The user with this number.
pub(crate) fn find_by_phone(db: &Connection, phone: &str) -> Result<Option<User>, ApiError> {
    one(db, "SELECT document FROM users WHERE phone = ?1", phone)
}

/// All users, oldest first.
pub(crate) fn list(db: &Connection) -> Result<Vec<User>, ApiError> {
    let mut statement = db.prepare_cached("SELECT document FROM users ORDER BY rowid")?;
    let documents: Vec<String> = statement.query_map([], read)?.collect::<Result<_, _>>()?;
    documents.iter().map(|text| Ok(serde_json::from_str(text)?)).collect()
}

/// The number of users, and some of the users, newest first.
pub(crate) fn newest(db: &Connection, offset: i64, limit: i64) -> Result<(i64, Vec<User>), ApiError> {
    let count = db.query_row("SELECT count(*) FROM users", [], |row| row.get(0))?;
    let mut statement = db.prepare_cached("SELECT document FROM users ORDER BY rowid DESC LIMIT ?1 OFFSET ?2")?;
    let documents: Vec<String> = statement.query_map(params![limit, offset], read)?.collect::<Result<_, _>>()?;
    let users = documents.iter().map(|text| serde_json::from_str(text)).collect::<Result<_, _>>()?;
    Ok((count, users))
}

/// Inserts a new user; `user_already_exists` if the id, address or number is taken.
pub(crate) fn insert(db: &Connection, user: &User) -> Result<(), ApiError> {
    if find(db, &user.id)?.is_some() {
        return Err(ErrorKind::UserAlreadyExists.into());
    }
    db.execute(
        "INSERT INTO users (id, email, phone, document) VALUES (?1, ?2, ?3, ?4)",
        params![user.id, user.email, user.phone, serde_json::to_string(user)?],
    )
    .map_err(taken)?;
    Ok(())
}

/// Updates a user; `user_already_exists` when the new address or number is taken.
pub(crate) fn update(db: &Connection, user: &User) -> Result<(), ApiError> {
    db.execute(
        "UPDATE users SET email = ?2, phone = ?3, document = ?4 WHERE id = ?1",
        params![user.id, user.email, user.phone, serde_json::to_string(user)?],
    )
    .map_err(taken)?;
    Ok(())
}

/// Deletes a user with everything that belongs to the user.
pub(crate) fn remove(db: &Connection, id: &str) -> Result<(), ApiError> {
    db.execute("DELETE FROM users WHERE id = ?1", [id])?;
    Ok(())
}

fn taken(error: rusqlite::Error) -> ApiError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => ErrorKind::UserAlreadyExists.into(),
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anonymous() -> User {
        User::new("u".into(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn user_without_an_address_has_no_email_fields() {
        let wire = anonymous().wire(Profile::OneNine);
        assert_eq!(wire["email"], "");
        assert_eq!(wire["emailCanonical"], Value::Null);
        assert_eq!(wire["emailIsFree"], Value::Null);
    }

    #[test]
    fn account_never_shows_the_hash() {
        let mut user = anonymous();
        user.password = Some("$argon2id$hash".into());
        assert!(!user.wire(Profile::OneNine).to_string().contains("argon2"));
    }

    #[test]
    fn older_server_returns_fewer_user_fields() {
        let wire = anonymous().wire(Profile::OneFive);
        assert!(wire.get("emailCanonical").is_none());
        assert!(wire.get("impersonator").is_none());
    }

    #[test]
    fn empty_preferences_are_a_list_only_in_events() {
        let user = anonymous();
        assert_eq!(user.event_payload(Profile::OneNine)["prefs"], json!([]));
        assert_eq!(user.wire(Profile::OneNine)["prefs"], json!({}));
    }
}
