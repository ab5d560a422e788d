//! A membership: the stored record, and its roles.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::team::Team;
use crate::{ApiError, Profile, clock, identity::secret, users::User};

/// A user's membership in a team, or an invitation to it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Membership {
    /// `$id`.
    pub id: String,
    /// The team's id.
    pub team_id: String,
    /// The member's id.
    pub user_id: String,
    /// The roles.
    pub roles: Vec<String>,
    /// When the user was invited.
    pub invited: Timestamp,
    /// When the user joined.
    pub joined: Option<Timestamp>,
    /// True if the user has joined.
    pub confirm: bool,
    /// The hash of the invitation's secret; the team's creator has none.
    pub secret_hash: Option<String>,
    /// `$createdAt`.
    pub created_at: Timestamp,
    /// `$updatedAt`.
    pub updated_at: Timestamp,
}

impl Membership {
    /// A pending invitation.
    #[must_use]
    pub fn invited(team: &Team, user: &User, roles: Vec<String>, now: Timestamp) -> Self {
        Self {
            id: secret::id(now),
            team_id: team.id.clone(),
            user_id: user.id.clone(),
            roles,
            invited: now,
            joined: None,
            confirm: false,
            secret_hash: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// The membership of the team's creator.
    #[must_use]
    pub fn of_creator(team: &Team, user: &User, roles: Vec<String>, now: Timestamp) -> Self {
        Self { joined: Some(now), confirm: true, ..Self::invited(team, user, roles, now) }
    }

    /// The membership after a change: Appwrite then omits the phone number and the factors.
    #[must_use]
    pub fn wire(&self, team: &Team, user: &User, profile: Profile) -> Value {
        let mut wire = json!({
            "$id": self.id,
            "$createdAt": clock::wire(self.created_at),
            "$updatedAt": clock::wire(self.updated_at),
            "userId": user.id,
            "userName": user.name,
            "userEmail": user.email.clone().unwrap_or_default(),
            "userPhone": "",
            "teamId": team.id,
            "teamName": team.name,
            "invited": clock::wire(self.invited),
            "joined": self.joined.map(clock::wire).unwrap_or_default(),
            "confirm": self.confirm,
            "mfa": false,
            "userAccessedAt": "",
            "roles": self.roles,
        });
        if let Some(fields) = wire.as_object_mut() {
            fields.retain(|name, _| match name.as_str() {
                "userPhone" => profile >= Profile::OneNine,
                "userAccessedAt" => profile >= Profile::OneNineNext,
                _ => true,
            });
        }
        wire
    }
}

fn parse(text: &str) -> Result<Membership, ApiError> {
    Ok(serde_json::from_str(text)?)
}

fn one(db: &Connection, condition: &str, values: impl rusqlite::Params) -> Result<Option<Membership>, ApiError> {
    let sql = format!("SELECT document FROM memberships WHERE {condition}");
    let document: Option<String> = db.query_row(&sql, values, |row| row.get(0)).optional()?;
    document.map(|text| parse(&text)).transpose()
}

fn some(db: &Connection, condition: &str, value: &str) -> Result<Vec<Membership>, ApiError> {
    let sql = format!("SELECT document FROM memberships WHERE {condition} ORDER BY sequence");
    let mut statement = db.prepare_cached(&sql)?;
    let documents: Vec<String> = statement.query_map([value], |row| row.get(0))?.collect::<Result<_, _>>()?;
    documents.iter().map(|text| parse(text)).collect()
}

/// The membership with this id.
pub fn find(db: &Connection, id: &str) -> Result<Option<Membership>, ApiError> {
    one(db, "id = ?1 COLLATE NOCASE", [id])
}

/// The user's membership in a team.
pub fn find_in(db: &Connection, team: &Team, user_id: &str) -> Result<Option<Membership>, ApiError> {
    one(db, "team_id = ?1 AND user_id = ?2", [&team.id, user_id])
}

/// The memberships of a team, oldest first.
pub fn of_team(db: &Connection, team_id: &str) -> Result<Vec<Membership>, ApiError> {
    some(db, "team_id = ?1", team_id)
}

/// The memberships of a user, oldest first.
pub fn of_user(db: &Connection, user_id: &str) -> Result<Vec<Membership>, ApiError> {
    some(db, "user_id = ?1", user_id)
}

/// The user's roles in all teams that the user has joined, in Appwrite's order.
pub(crate) fn team_roles(db: &Connection, user_id: &str) -> Result<Vec<String>, ApiError> {
    let mut roles = Vec::new();
    for membership in of_user(db, user_id)?.into_iter().filter(|membership| membership.confirm) {
        let team = format!("team:{}", membership.team_id);
        roles.extend([team.clone(), format!("member:{}", membership.id)]);
        roles.extend(membership.roles.iter().map(|role| format!("{team}/{role}")));
    }
    Ok(roles)
}

/// Inserts or updates a membership.
pub fn keep(db: &Connection, membership: &Membership) -> Result<(), ApiError> {
    db.execute(
        "INSERT INTO memberships (id, team_id, user_id, document) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET document = excluded.document",
        params![membership.id, membership.team_id, membership.user_id, serde_json::to_string(membership)?],
    )?;
    Ok(())
}

/// Changes the id of a membership.
pub(crate) fn rename(db: &Connection, team_id: &str, user_id: &str, id: &str) -> Result<(), ApiError> {
    db.execute(
        "UPDATE memberships SET id = ?3, document = json_set(document, '$.id', ?3)
         WHERE team_id = ?1 COLLATE NOCASE AND user_id = ?2 COLLATE NOCASE",
        [team_id, user_id, id],
    )?;
    Ok(())
}

/// Deletes a membership.
pub fn remove(db: &Connection, id: &str) -> Result<(), ApiError> {
    db.execute("DELETE FROM memberships WHERE id = ?1", [id])?;
    Ok(())
}
