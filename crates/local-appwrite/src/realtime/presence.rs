//! Presences: at most one per user. One sent over a socket ends when that socket closes; one sent over HTTP ends
//! when it expires.
//!
//! Presences are in memory: a connection, and so its presence, ends when the server stops. A restart
//! also loses those sent over HTTP, which last 15 minutes by default.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::frame::{PresenceMessage, Refusal};
use crate::clock;
use crate::identity::secret;

/// The lifetime of a presence without renewal.
const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The actions in the permissions of a presence.
const ALLOWED: [&str; 4] = ["delete", "read", "update", "write"];

/// Changes to a presence; `None` keeps a value.
#[derive(Default)]
pub(super) struct PresenceChange {
    pub(super) user_id: Option<String>,
    pub(super) status: Option<String>,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) metadata: Option<Value>,
    pub(super) permissions: Option<Vec<String>>,
}

/// All presences, oldest first.
#[derive(Debug, Default)]
pub(super) struct Presences {
    list: Vec<Presence>,
    last_sequence: u64,
}

/// The presence of a user.
#[derive(Clone, Debug)]
pub(super) struct Presence {
    /// `$id`
    pub(super) id: String,
    user_id: String,
    status: String,
    /// `realtime` or `rest`: the API that last updated it.
    source: &'static str,
    metadata: Value,
    permissions: Vec<String>,
    expires_at: Timestamp,
    created_at: Timestamp,
    updated_at: Timestamp,
    sequence: u64,
}

impl Presences {
    /// Stores a presence of `user_id`. An existing presence keeps its id.
    ///
    /// # Errors
    /// For invalid permissions or a role that is not in `roles` (401), or if another user has the id (409).
    pub(super) fn put(
        &mut self,
        user_id: &str,
        roles: &[String],
        message: PresenceMessage,
        now: Timestamp,
    ) -> Result<Presence, Refusal> {
        let expires_at = clock::after(now, LIFETIME);
        self.tell(user_id, Some(roles), message, ("realtime", expires_at), now)
    }

    /// The same for a request to the API. Without `roles`, any permission may be set.
    pub(super) fn tell(
        &mut self,
        user_id: &str,
        roles: Option<&[String]>,
        message: PresenceMessage,
        (source, expires_at): (&'static str, Timestamp),
        now: Timestamp,
    ) -> Result<Presence, Refusal> {
        let permissions = permissions(user_id, roles, message.permissions.as_deref())?;
        self.list.retain(|presence| presence.expires_at > now);
        if let Some(own) = self.list.iter_mut().find(|own| own.user_id == user_id) {
            own.status = message.status;
            own.source = source;
            own.metadata = message.metadata.unwrap_or(std::mem::take(&mut own.metadata));
            own.permissions = permissions;
            own.expires_at = expires_at;
            own.updated_at = now;
            return Ok(own.clone());
        }
        let id = match message.id.as_str() {
            "unique()" => secret::id(now),
            id => id.to_owned(),
        };
        if self.list.iter().any(|other| other.id == id) {
            return Err(Refusal::new(
                409,
                format!(
                    "Presence with the requested ID '{id}' already exists. Try again with a different ID or use \
                     ID.unique() to generate a unique ID."
                ),
            ));
        }
        self.last_sequence += 1;
        let presence = Presence {
            id,
            user_id: user_id.to_owned(),
            status: message.status,
            source,
            metadata: message.metadata.unwrap_or_default(),
            permissions,
            expires_at,
            created_at: now,
            updated_at: now,
            sequence: self.last_sequence,
        };
        self.list.push(presence.clone());
        Ok(presence)
    }

    /// Changes the given values of the presence `id`.
    ///
    /// # Errors
    /// As [`Presences::put`].
    pub(super) fn update(
        &mut self,
        id: &str,
        roles: Option<&[String]>,
        change: PresenceChange,
        now: Timestamp,
    ) -> Result<Option<Presence>, Refusal> {
        let Some(own) = self.list.iter_mut().find(|own| own.id.eq_ignore_ascii_case(id)) else {
            return Ok(None);
        };
        let is_given_away = change.user_id.as_ref().is_some_and(|user_id| *user_id != own.user_id);
        let user_id = change.user_id.unwrap_or_else(|| own.user_id.clone());
        if change.permissions.is_some() || is_given_away {
            own.permissions = permissions(&user_id, roles, change.permissions.as_deref())?;
        }
        own.user_id = user_id;
        own.status = change.status.unwrap_or(std::mem::take(&mut own.status));
        own.metadata = change.metadata.unwrap_or(std::mem::take(&mut own.metadata));
        own.expires_at = change.expires_at.unwrap_or(own.expires_at);
        own.updated_at = now;
        Ok(Some(own.clone()))
    }

    /// The presence `id`, if it has not expired at `now`.
    pub(super) fn find(&self, id: &str, now: Timestamp) -> Option<&Presence> {
        self.list.iter().find(|presence| presence.id.eq_ignore_ascii_case(id) && presence.expires_at > now)
    }

    /// The presence of a user, if it has not expired at `now`.
    pub(super) fn of_user(&self, user_id: &str, now: Timestamp) -> Option<&Presence> {
        self.list.iter().find(|presence| presence.user_id == user_id && presence.expires_at > now)
    }

    /// Removes the presence `id`, if it exists.
    pub(super) fn take(&mut self, id: &str) -> Option<Presence> {
        let at = self.list.iter().position(|presence| presence.id.eq_ignore_ascii_case(id))?;
        Some(self.list.remove(at))
    }

    /// The presences that have not expired at `now` and that `roles` (`None`: all) may read, oldest first.
    pub(super) fn readable(&self, roles: Option<&[String]>, now: Timestamp) -> impl Iterator<Item = &Presence> {
        self.list
            .iter()
            .filter(move |presence| presence.expires_at > now)
            .filter(move |presence| roles.is_none_or(|roles| presence.is_readable(roles)))
    }
}

impl Presence {
    /// The presence in the format of sockets and events.
    pub(super) fn wire(&self) -> Value {
        json!({
            "userId": self.user_id,
            "source": self.source,
            "status": self.status,
            "expiresAt": clock::wire(self.expires_at),
            "metadata": self.metadata,
            "$permissions": self.permissions,
            "$id": self.id,
            "$updatedAt": clock::wire(self.updated_at),
            "$createdAt": clock::wire(self.created_at),
            "$sequence": self.sequence.to_string(),
        })
    }

    /// The presence in the API's format.
    pub(super) fn answer(&self) -> Value {
        json!({
            "$id": self.id,
            "$createdAt": clock::wire(self.created_at),
            "$updatedAt": clock::wire(self.updated_at),
            "$permissions": self.permissions,
            "userId": self.user_id,
            "status": self.status,
            "source": self.source,
            "expiresAt": clock::wire(self.expires_at),
            "metadata": self.metadata,
        })
    }

    fn is_readable(&self, roles: &[String]) -> bool {
        self.allows("read", Some(roles))
    }

    /// Returns true if `roles` (`None`: all) allow `action`.
    pub(super) fn allows(&self, action: &str, roles: Option<&[String]>) -> bool {
        roles
            .is_none_or(|roles| self.roles_for(action).any(|role| role == "any" || roles.iter().any(|own| own == role)))
    }

    /// The roles that may read the presence.
    pub(super) fn read_roles(&self) -> Vec<String> {
        self.roles_for("read").map(str::to_owned).collect()
    }

    fn roles_for(&self, action: &str) -> impl Iterator<Item = &str> {
        let permissions = self.permissions.iter().filter_map(|permission| split(permission));
        permissions.filter(move |(allowed, _)| *allowed == action).map(|(_, role)| role)
    }
}

/// Returns the sorted permissions to store: the requested ones with `write` expanded, or by default all for the user
/// only.
fn permissions(user_id: &str, roles: Option<&[String]>, requested: Option<&[String]>) -> Result<Vec<String>, Refusal> {
    let Some(requested) = requested else {
        return Ok(ALLOWED.map(|action| format!("{action}(\"user:{user_id}\")")).to_vec());
    };
    let mut kept = Vec::new();
    for permission in requested {
        let Some((action, role)) = split(permission).filter(|(action, _)| ALLOWED.contains(action)) else {
            return Err(Refusal::format(
                "permissions: Invalid permissions param: each is an action and a role, as in read(\"any\").",
            ));
        };
        if let Some(roles) = roles
            && role != "any"
            && !roles.iter().any(|own| own == role)
        {
            return Err(Refusal::new(401, format!("Permissions must be one of: ({})", roles.join(", "))));
        }
        match action {
            "write" => kept.extend(["update", "delete"].map(|action| format!("{action}(\"{role}\")"))),
            _ => kept.push(permission.clone()),
        }
    }
    kept.sort();
    kept.dedup();
    Ok(kept)
}

/// `read("any")` is `read` and `any`.
fn split(permission: &str) -> Option<(&str, &str)> {
    let (action, rest) = permission.split_once("(\"")?;
    let role = rest.strip_suffix("\")")?;
    (!role.is_empty() && !role.contains('"')).then_some((action, role))
}

#[cfg(test)]
mod tests {
    use super::super::recorded;
    use super::*;

    fn message(id: &str, status: &str) -> PresenceMessage {
        PresenceMessage {
            id: id.into(),
            status: status.into(),
            metadata: Some(json!({"page": "birthdays"})),
            permissions: None,
        }
    }

    fn roles(user_id: &str) -> Vec<String> {
        vec!["any".into(), "users".into(), format!("user:{user_id}")]
    }

    fn now() -> Timestamp {
        "2026-11-21T06:56:03.326Z".parse().expect("a timestamp")
    }

    #[test]
    fn presence_looks_as_recorded() {
        let recorded = recorded::events()
            .into_iter()
            .find(|event| event["channels"][0] == "presences")
            .expect("a recorded presence")["payload"]
            .clone();
        let user_id = recorded["userId"].as_str().expect("a user");
        let id = recorded["$id"].as_str().expect("an id");
        let mut presences = Presences::default();
        let presence = presences.put(user_id, &roles(user_id), message(id, "online"), now()).expect("a presence");
        let mut wire = presence.wire();
        wire["expiresAt"] = recorded["expiresAt"].clone();
        assert_eq!(wire.to_string(), recorded.to_string());
        assert_eq!(presence.read_roles(), [format!("user:{user_id}")]);
    }

    #[test]
    fn user_has_one_presence_with_a_stable_id() {
        let mut presences = Presences::default();
        let first = presences.put("u", &roles("u"), message("unique()", "online"), now());
        let quiet = PresenceMessage { metadata: None, ..message("other", "away") };
        let second = presences.put("u", &roles("u"), quiet, now());
        let (first, second) = (first.expect("a presence"), second.expect("a presence"));
        assert_eq!(first.id, second.id);
        assert_eq!(second.wire()["status"], "away");
        assert_eq!(second.wire()["metadata"], json!({"page": "birthdays"}));
    }

    #[test]
    fn presence_of_another_user_is_not_overwritten() {
        let mut presences = Presences::default();
        presences.put("u", &roles("u"), message("desk", "online"), now()).expect("a presence");
        let refusal = presences.put("v", &roles("v"), message("desk", "online"), now()).expect_err("a conflict");
        assert_eq!(refusal.code, 409);
    }

    #[test]
    fn presence_permissions_are_limited_to_own_roles() {
        let ask = |permissions: &[&str]| {
            let requested = PresenceMessage {
                permissions: Some(permissions.iter().map(|one| (*one).to_owned()).collect()),
                ..message("unique()", "online")
            };
            Presences::default().put("u", &roles("u"), requested, now())
        };
        let shared = ask(&["write(\"user:u\")", "read(\"users\")"]).expect("a presence");
        assert_eq!(
            shared.wire()["$permissions"],
            json!(["delete(\"user:u\")", "read(\"users\")", "update(\"user:u\")"])
        );
        assert_eq!(ask(&["read(\"user:v\")"]).expect_err("a refusal").code, 401);
        assert_eq!(ask(&["create(\"any\")"]).expect_err("a refusal").code, 1003);
        assert_eq!(ask(&["read"]).expect_err("a refusal").code, 1003);
    }

    #[test]
    fn readers_see_a_presence_until_it_expires() {
        let mut presences = Presences::default();
        presences.put("u", &roles("u"), message("desk", "online"), now()).expect("a presence");
        let seen = |user_id: &str, now| presences.readable(Some(&roles(user_id)), now).count();
        assert_eq!(seen("u", now()), 1);
        assert_eq!(seen("v", now()), 0);
        assert_eq!(presences.readable(None, now()).count(), 1);
        assert_eq!(seen("u", clock::after(now(), LIFETIME)), 0);
    }

    #[test]
    fn presence_is_deleted_once() {
        let mut presences = Presences::default();
        presences.put("u", &roles("u"), message("desk", "online"), now()).expect("a presence");
        assert!(presences.take("desk").is_some());
        assert!(presences.take("desk").is_none());
    }
}
