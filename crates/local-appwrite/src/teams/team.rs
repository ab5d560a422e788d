//! A team: its record and its permissions.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{ApiError, ErrorKind, clock, http::Call, identity::Caller, realtime::Event, store::Changes};

/// A team of the project.
#[derive(Clone, Serialize, Deserialize)]
pub struct Team {
    /// `$id`.
    pub id: String,
    /// The name.
    pub name: String,
    /// The team's preferences.
    pub prefs: Map<String, Value>,
    /// `$createdAt`.
    pub created_at: Timestamp,
    /// `$updatedAt`.
    pub updated_at: Timestamp,
}

impl Team {
    /// The team in Appwrite's format.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn wire(&self, db: &Connection) -> Result<Value, ApiError> {
        let total: u32 = db.query_row(
            "SELECT count(*) FROM memberships WHERE team_id = ?1 AND json_extract(document, '$.confirm')",
            [&self.id],
            |row| row.get(0),
        )?;
        Ok(json!({
            "$id": self.id,
            "$createdAt": clock::wire(self.created_at),
            "$updatedAt": clock::wire(self.updated_at),
            "name": self.name,
            "total": total,
            "prefs": self.prefs,
        }))
    }

    /// The role of its members.
    #[must_use]
    pub fn role(&self) -> String {
        format!("team:{}", self.id)
    }

    /// Returns true if the caller is a member, or a key.
    #[must_use]
    pub fn is_readable(&self, caller: &Caller) -> bool {
        caller.is_key() || caller.roles().contains(&self.role())
    }

    /// Returns true if the caller is an owner, or a key.
    #[must_use]
    pub fn is_owned(&self, caller: &Caller) -> bool {
        caller.is_key() || caller.roles().contains(&format!("{}/owner", self.role()))
    }

    /// Sends the event `teams.<id>.<what>` to the members.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn emit(&self, changes: &mut Changes<'_>, what: &str) -> Result<(), ApiError> {
        let mut payload = self.wire(changes)?;
        // PHP writes an empty object as a list in this event.
        if self.prefs.is_empty() {
            payload["prefs"] = json!([]);
        }
        self.emit_payload(changes, what, payload);
        Ok(())
    }

    /// The same, with the event of a resource in the team.
    pub fn emit_payload(&self, changes: &mut Changes<'_>, what: &str, payload: Value) {
        changes.emit(Event { name: format!("teams.{}.{what}", self.id), payload, read_roles: vec![self.role()] });
    }
}

/// The team with this id.
pub fn find(db: &Connection, id: &str) -> Result<Option<Team>, ApiError> {
    let document: Option<String> =
        db.query_row("SELECT document FROM teams WHERE id = ?1 COLLATE NOCASE", [id], |row| row.get(0)).optional()?;
    Ok(document.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// The team in the path; 404 if the caller is not a member.
pub fn requested(db: &Connection, call: &Call<'_>) -> Result<Team, ApiError> {
    let id = call.params.id("teamId")?;
    find(db, &id)?.filter(|team| team.is_readable(&call.caller)).ok_or_else(|| ErrorKind::TeamNotFound.into())
}

/// The team in the path, if the caller may change it.
pub fn owned(db: &Connection, call: &Call<'_>) -> Result<Team, ApiError> {
    let team = requested(db, call)?;
    if team.is_owned(&call.caller) { Ok(team) } else { Err(ErrorKind::UserUnauthorized.into()) }
}

/// All teams, oldest first.
pub fn all(db: &Connection) -> Result<Vec<Team>, ApiError> {
    let mut statement = db.prepare_cached("SELECT document FROM teams ORDER BY rowid")?;
    let documents: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    documents.iter().map(|text| Ok(serde_json::from_str(text)?)).collect()
}

/// Inserts or updates a team.
pub fn keep(db: &Connection, team: &Team) -> Result<(), ApiError> {
    db.execute(
        "INSERT INTO teams (id, document) VALUES (?1, ?2)
         ON CONFLICT (id) DO UPDATE SET document = excluded.document",
        params![team.id, serde_json::to_string(team)?],
    )?;
    Ok(())
}

/// Deletes a team and its memberships.
pub fn remove(db: &Connection, id: &str) -> Result<(), ApiError> {
    db.execute("DELETE FROM teams WHERE id = ?1", [id])?;
    Ok(())
}
