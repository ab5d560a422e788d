//! Messaging targets: a user's email address, phone number or device.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{clock, identity::secret};

/// The kind of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// An email address.
    Email,
    /// A phone number.
    Sms,
    /// A device.
    Push,
}

/// A user's messaging target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// `$id`.
    pub id: String,
    /// `$createdAt`.
    pub created_at: Timestamp,
    /// `$updatedAt`.
    pub updated_at: Timestamp,
    /// The kind of `identifier`.
    pub kind: TargetKind,
    /// The address, the number, or the device's token.
    pub identifier: String,
    /// The name.
    #[serde(default)]
    pub name: Option<String>,
    /// The session that registered the device. The target ends with this session.
    #[serde(default)]
    pub session_id: Option<String>,
}

impl Target {
    /// A new target.
    #[must_use]
    pub fn new(kind: TargetKind, identifier: &str, now: Timestamp) -> Self {
        Self {
            id: secret::id(now),
            created_at: now,
            updated_at: now,
            kind,
            identifier: identifier.to_owned(),
            name: None,
            session_id: None,
        }
    }

    /// Changes the target `old` to `new`. Creates none for a user without one, as in Appwrite.
    pub fn follow(targets: &mut [Self], old: Option<&str>, new: &str, now: Timestamp) {
        if let Some(target) = targets.iter_mut().find(|target| Some(target.identifier.as_str()) == old) {
            new.clone_into(&mut target.identifier);
            target.updated_at = now;
        }
    }

    /// Changes the target `old` to `new`, or adds it. API keys add targets; users only change them.
    pub fn put(targets: &mut Vec<Self>, old: Option<&str>, (kind, new): (TargetKind, &str), now: Timestamp) {
        match old.is_some_and(|old| Self::is_among(targets, old)) {
            true => Self::follow(targets, old, new, now),
            false => targets.push(Self::new(kind, new, now)),
        }
    }

    /// Deletes the target of an address or phone number.
    pub fn forget(targets: &mut Vec<Self>, identifier: &str) {
        targets.retain(|target| target.identifier != identifier);
    }

    /// Deletes the devices that a session registered.
    pub fn end_with(targets: &mut Vec<Self>, session_id: &str) {
        targets.retain(|target| target.session_id.as_deref() != Some(session_id));
    }

    /// Returns true if one of the targets has this address or number.
    #[must_use]
    pub fn is_among(targets: &[Self], identifier: &str) -> bool {
        targets.iter().any(|target| target.identifier == identifier)
    }

    /// The target in Appwrite's format.
    #[must_use]
    pub fn wire(&self, user_id: &str) -> Value {
        json!({
            "$id": self.id,
            "$createdAt": clock::wire(self.created_at),
            "$updatedAt": clock::wire(self.updated_at),
            "name": self.name.clone().unwrap_or_default(),
            "userId": user_id,
            "providerId": null,
            "providerType": self.kind,
            "identifier": self.identifier,
            "expired": false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn target_follows_its_address() {
        let mut targets = vec![Target::new(TargetKind::Email, "a@b.c", Timestamp::UNIX_EPOCH)];
        Target::follow(&mut targets, Some("a@b.c"), "d@e.f", Timestamp::UNIX_EPOCH);
        assert_eq!(targets[0].wire("u")["identifier"], "d@e.f");
    }

    #[test]
    fn adding_an_address_later_creates_no_target() {
        let mut targets = Vec::new();
        Target::follow(&mut targets, None, "d@e.f", Timestamp::UNIX_EPOCH);
        assert!(targets.is_empty());
    }
}
