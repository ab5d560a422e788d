//! Permissions of rows, in Appwrite's notation: `read("user:5f…")`.

use std::{fmt, str::FromStr};

use super::{error::AppwriteError, id::checked_id};

/// One permission of a row or table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Permission {
    /// The allowed action.
    pub action: Action,
    /// The role that may do it.
    pub role: Role,
}

/// The action that a permission allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Read the row and receive its events.
    Read,
    /// Add rows to a table.
    Create,
    /// Update the row.
    Update,
    /// Delete the row.
    Delete,
    /// Create, update and delete.
    Write,
}

/// The users to whom a permission applies.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everyone, signed in or not.
    Any,
    /// Visitors who are not signed in.
    Guests,
    /// All signed-in users, or only those with (or without) a verified account.
    Users(Verification),
    /// The user with this id, or only while their account is (or is not) verified.
    User(String, Verification),
    /// All members of the team with this id.
    Team(String),
    /// All members of the team with this id who have this role.
    TeamRole(String, String),
    /// The membership with this id.
    Member(String),
    /// Every account with this label.
    Label(String),
}

/// Restricts a role by verification of the email address or phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Verification {
    /// No restriction.
    #[default]
    Either,
    /// Verified accounts only.
    Verified,
    /// Unverified accounts only.
    Unverified,
}

impl Permission {
    /// Permission to read.
    pub fn read(role: Role) -> Self {
        Self { action: Action::Read, role }
    }

    /// Permission to add rows.
    pub fn create(role: Role) -> Self {
        Self { action: Action::Create, role }
    }

    /// Permission to update.
    pub fn update(role: Role) -> Self {
        Self { action: Action::Update, role }
    }

    /// Permission to delete.
    pub fn delete(role: Role) -> Self {
        Self { action: Action::Delete, role }
    }
}

impl Role {
    /// All signed-in users.
    pub fn users() -> Self {
        Self::Users(Verification::Either)
    }

    /// The user with this id.
    pub fn user(id: impl Into<String>) -> Self {
        Self::User(id.into(), Verification::Either)
    }

    fn parts(&self) -> (&'static str, Option<&str>, Option<&str>) {
        match self {
            Self::Any => ("any", None, None),
            Self::Guests => ("guests", None, None),
            Self::Users(verification) => ("users", None, verification.dimension()),
            Self::User(id, verification) => ("user", Some(id), verification.dimension()),
            Self::Team(id) => ("team", Some(id), None),
            Self::TeamRole(id, role) => ("team", Some(id), Some(role)),
            Self::Member(id) => ("member", Some(id), None),
            Self::Label(label) => ("label", Some(label), None),
        }
    }
}

impl Verification {
    fn dimension(self) -> Option<&'static str> {
        match self {
            Self::Either => None,
            Self::Verified => Some("verified"),
            Self::Unverified => Some("unverified"),
        }
    }

    fn from_dimension(dimension: Option<&str>) -> Option<Self> {
        match dimension {
            None => Some(Self::Either),
            Some("verified") => Some(Self::Verified),
            Some("unverified") => Some(Self::Unverified),
            Some(_) => None,
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(\"{}\")", self.action, self.role)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Write => "write",
        })
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, id, dimension) = self.parts();
        f.write_str(name)?;
        if let Some(id) = id {
            write!(f, ":{id}")?;
        }
        if let Some(dimension) = dimension {
            write!(f, "/{dimension}")?;
        }
        Ok(())
    }
}

/// Parses Appwrite's notation; fails for unknown actions and roles.
impl FromStr for Permission {
    type Err = AppwriteError;

    fn from_str(text: &str) -> Result<Self, AppwriteError> {
        let (action, role) =
            text.strip_suffix("\")").and_then(|text| text.split_once("(\"")).ok_or(AppwriteError::InvalidId)?;
        let action = match action {
            "read" => Action::Read,
            "create" => Action::Create,
            "update" => Action::Update,
            "delete" => Action::Delete,
            "write" => Action::Write,
            _ => return Err(AppwriteError::InvalidId),
        };
        Ok(Self { action, role: role.parse()? })
    }
}

/// Parses Appwrite's notation; fails for unknown roles.
impl FromStr for Role {
    type Err = AppwriteError;

    fn from_str(text: &str) -> Result<Self, AppwriteError> {
        let (text, dimension) = match text.split_once('/') {
            Some((text, dimension)) => (text, Some(dimension)),
            None => (text, None),
        };
        let (name, id) = match text.split_once(':') {
            Some((name, id)) => (name, Some(checked_id(id)?.to_owned())),
            None => (text, None),
        };
        let verification = Verification::from_dimension(dimension);
        let role = match (name, id, dimension, verification) {
            ("any", None, None, _) => Self::Any,
            ("guests", None, None, _) => Self::Guests,
            ("users", None, _, Some(verification)) => Self::Users(verification),
            ("user", Some(id), _, Some(verification)) => Self::User(id, verification),
            ("team", Some(id), None, _) => Self::Team(id),
            ("team", Some(id), Some(role), _) => Self::TeamRole(id, checked_id(role)?.to_owned()),
            ("member", Some(id), None, _) => Self::Member(id),
            ("label", Some(label), None, _) => Self::Label(label),
            _ => return Err(AppwriteError::InvalidId),
        };
        Ok(role)
    }
}

/// Formats permissions for a request body, after checking every id.
pub(super) fn to_wire(permissions: &[Permission]) -> Result<Vec<String>, AppwriteError> {
    permissions
        .iter()
        .map(|permission| {
            let (_, id, dimension) = permission.role.parts();
            for part in [id, dimension].into_iter().flatten() {
                checked_id(part)?;
            }
            Ok(permission.to_string())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WRITTEN: [&str; 14] = [
        "read(\"any\")",
        "create(\"users\")",
        "update(\"guests\")",
        "delete(\"users/verified\")",
        "write(\"users/unverified\")",
        "read(\"user:6b013f57ac09c173cf67\")",
        "read(\"user:6b013f57ac09c173cf67/verified\")",
        "read(\"user:6b013f57ac09c173cf67/unverified\")",
        "update(\"team:staff\")",
        "update(\"team:staff/owner\")",
        "delete(\"member:5f2c\")",
        "delete(\"label:vip\")",
        "create(\"any\")",
        "read(\"users\")",
    ];

    #[test]
    fn permissions_are_written_and_parsed_in_appwrite_notation() {
        for text in WRITTEN {
            let permission: Permission = text.parse().unwrap_or_else(|_| panic!("{text} is a permission"));
            assert_eq!(permission.to_string(), text);
            assert_eq!(to_wire(&[permission]).expect("good ids"), [text]);
        }
        assert_eq!(Permission::read(Role::user("ann")).to_string(), "read(\"user:ann\")");
        assert_eq!(Permission::create(Role::users()).to_string(), "create(\"users\")");
        assert_eq!(Permission::update(Role::Any).to_string(), "update(\"any\")");
        assert_eq!(Permission::delete(Role::Team("staff".into())).to_string(), "delete(\"team:staff\")");
    }

    #[test]
    fn malformed_permission_is_refused() {
        for text in [
            "",
            "read",
            "read()",
            "read(any)",
            "read(\"\")",
            "read(\"everyone\")",
            "grant(\"any\")",
            "read(\"any:ann\")",
            "read(\"user\")",
            "read(\"user:\")",
            "read(\"user:ann/somewhat\")",
            "read(\"any/verified\")",
            "read(\"member:ann/verified\")",
            "read(\"team:staff/\")",
            "read(\"user:../x\")",
            "read(\"any\") ",
            "read(\"any\")read(\"any\")",
        ] {
            assert!(text.parse::<Permission>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsed_permission_is_written_unchanged(text in "(read|write)\\(\"[a-z]{3,6}(:[a-z\"/]{0,5})?(/[a-z]{0,8})?\"\\)") {
            if let Ok(permission) = text.parse::<Permission>() {
                prop_assert_eq!(permission.to_string(), text);
            }
        }

        #[test]
        fn id_that_could_break_the_notation_is_refused(id in "\\PC{0,8}\"\\PC{0,8}") {
            prop_assert!(to_wire(&[Permission::read(Role::user(id))]).is_err());
        }
    }
}
