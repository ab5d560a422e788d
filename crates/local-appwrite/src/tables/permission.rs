//! Permissions: `read("user:kay")`, checked against roles.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    ApiError, ErrorKind,
    http::{forms::is_id, params::Params},
    identity::Caller,
};

/// The action that a permission allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Read.
    Read,
    /// Create (tables only).
    Create,
    /// Update.
    Update,
    /// Delete.
    Delete,
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        })
    }
}

/// One action for one role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// The allowed action.
    pub action: Action,
    /// The role that gets it.
    pub role: String,
}

impl fmt::Display for Permission {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}(\"{}\")", self.action, self.role)
    }
}

/// The roles that may do `action` according to `permissions`.
pub fn roles_for(permissions: &[Permission], action: Action) -> impl Iterator<Item = &str> {
    permissions.iter().filter(move |permission| permission.action == action).map(|permission| permission.role.as_str())
}

/// Returns true if `roles` allow `action`.
#[must_use]
pub fn allows(permissions: &[Permission], action: Action, roles: &[String]) -> bool {
    roles_for(permissions, action).any(|role| roles.iter().any(|own| own == role))
}

/// Appwrite's error for a missing permission.
#[must_use]
pub fn refusal(permissions: &[Permission], action: Action, roles: &[String]) -> ApiError {
    let given: Vec<&str> = roles_for(permissions, action).collect();
    let message = match given.last() {
        None => format!("No permissions provided for action '{action}'"),
        Some(last) => format!(
            "Missing \"{action}\" permission for role \"{last}\". Only \"{}\" scopes are allowed and \"{}\" was given.",
            php_list(roles),
            php_list(&given),
        ),
    };
    ApiError::new(ErrorKind::UserUnauthorized, message)
}

/// Formats a list like PHP's JSON, with escaped slashes.
fn php_list(list: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(list).unwrap_or_default().replace('/', "\\/")
}

/// The default permissions of a new row: all for the user; none for an API key.
#[must_use]
pub fn defaults(caller: &Caller) -> Vec<Permission> {
    match (caller.is_key(), caller.user_id()) {
        (false, Some(id)) => [Action::Read, Action::Update, Action::Delete]
            .map(|action| Permission { action, role: format!("user:{id}") })
            .to_vec(),
        _ => Vec::new(),
    }
}

/// The `permissions` of a request, or `None`. `write` stands for several actions.
///
/// # Errors
/// When a permission is malformed, its action is not among `actions`, or the caller is a user without its role.
pub fn requested(params: &Params, actions: &[Action], caller: &Caller) -> Result<Option<Vec<Permission>>, ApiError> {
    let Some(value) = params.raw("permissions") else {
        return Ok(None);
    };
    let mut permissions: Vec<Permission> = Vec::new();
    for text in texts(value)? {
        for permission in parse(text, actions)? {
            if !permissions.contains(&permission) {
                permissions.push(permission);
            }
        }
    }
    check_roles(&permissions, caller)?;
    Ok(Some(permissions))
}

fn bad(why: impl fmt::Display) -> ApiError {
    ApiError::invalid_param("permissions", format!("{why} or null"))
}

fn texts(value: &serde_json::Value) -> Result<Vec<&str>, ApiError> {
    let list = value.as_array().ok_or_else(|| bad("Permissions must be an array of strings."))?;
    if list.len() > 100 {
        return Err(bad("You can only provide up to 100 permissions."));
    }
    list.iter().map(|item| item.as_str().ok_or_else(|| bad("Every permission must be of type string."))).collect()
}

/// Users can grant permissions only to their own roles, API keys to all.
fn check_roles(permissions: &[Permission], caller: &Caller) -> Result<(), ApiError> {
    if caller.is_key() {
        return Ok(());
    }
    let roles = caller.roles();
    if permissions.iter().all(|permission| roles.contains(&permission.role)) {
        return Ok(());
    }
    Err(ApiError::new(ErrorKind::UserUnauthorized, format!("Permissions must be one of: ({})", roles.join(", "))))
}

fn parse(text: &str, actions: &[Action]) -> Result<Vec<Permission>, ApiError> {
    let parts = text.strip_suffix("\")").and_then(|rest| rest.split_once("(\""));
    let Some((action, role)) = parts else {
        return Err(bad(format!("Invalid permission string format: \"{text}\".")));
    };
    let named: Vec<Action> = match action {
        "write" => actions.iter().copied().filter(|action| *action != Action::Read).collect(),
        _ => actions.iter().copied().filter(|known| known.to_string() == action).collect(),
    };
    if named.is_empty() {
        let known: Vec<String> = actions.iter().map(Action::to_string).collect();
        return Err(bad(format!("Permission \"{text}\" is not allowed. Must be one of: {}, write.", known.join(", "))));
    }
    check_role(role).map_err(bad)?;
    Ok(named.into_iter().map(|action| Permission { action, role: role.to_owned() }).collect())
}

const ID: &str = "Parameter must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, period, hyphen, and underscore. Can't start with a special char";
const LABEL: &str = "Value must be a valid string between 1 and 36 chars containing only alphanumeric chars";

/// Validates a role, with Appwrite's error messages.
fn check_role(role: &str) -> Result<(), String> {
    let (name, dimension) = match role.split_once('/') {
        Some((name, dimension)) => (name, Some(dimension)),
        None => (role, None),
    };
    if dimension == Some("") {
        return Err("Dimension must not be empty".to_owned());
    }
    let (name, id) = match name.split_once(':') {
        Some((name, id)) => (name, Some(id)),
        None => (name, None),
    };
    let takes_id = matches!(name, "user" | "team" | "member" | "label");
    if !takes_id && !matches!(name, "any" | "guests" | "users") {
        return Err(format!(
            "Role \"{name}\" is not allowed. Must be one of: any, guests, users, user, team, member, label."
        ));
    }
    match id {
        None | Some("") if takes_id => return Err(format!("Role \"{name}\" must have an ID value.")),
        Some(id) if !id.is_empty() && !takes_id => return Err(format!("Role \"{name}\" can not have an ID value.")),
        Some(id) if name == "label" => {
            let is_label = (1..=36).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if !is_label {
                return Err(format!("Role \"{name}\" identifier value is invalid: {LABEL}"));
            }
        }
        Some(id) if takes_id && !is_id(id) => return Err(format!("Role \"{name}\" identifier value is invalid: {ID}")),
        _ => {}
    }
    match (name, dimension) {
        (_, None) => Ok(()),
        ("users" | "user", Some("verified" | "unverified")) => Ok(()),
        ("users" | "user", Some(_)) => {
            Err(format!("Role \"{name}\" dimension value is invalid. Must be one of: verified, unverified."))
        }
        ("team", Some(role)) if is_id(role) => Ok(()),
        ("team", Some(_)) => Err(format!("Role \"{name}\" dimension value is invalid: {ID}")),
        (_, Some(_)) => Err(format!("Role \"{name}\" can not have a dimension value.")),
    }
}

/// Decides if a caller may act on a row, and creates the error if not.
#[derive(Debug, Clone, Copy)]
pub struct Access<'table> {
    /// The table's permissions.
    pub table: &'table [Permission],
    /// True if each row has its own permissions.
    pub row_security: bool,
}

impl Access<'_> {
    /// Returns true if the caller may do `action` to a row with `own` permissions.
    #[must_use]
    pub fn allows(&self, own: &[Permission], action: Action, caller: &Caller) -> bool {
        if caller.is_key() {
            return true;
        }
        let roles = caller.roles();
        allows(self.table, action, &roles) || (self.row_security && allows(own, action, &roles))
    }

    /// Returns a function that checks if the caller may read a row with given permissions. Computes the roles only
    /// once.
    pub fn reader(&self, caller: &Caller) -> impl Fn(&[Permission]) -> bool + use<> {
        let roles = caller.roles();
        let reads_all = caller.is_key() || allows(self.table, Action::Read, &roles);
        let row_security = self.row_security;
        move |own| reads_all || (row_security && allows(own, Action::Read, &roles))
    }

    /// Checks that the caller may try `action` at all.
    ///
    /// # Errors
    /// `user_unauthorized` when neither the table nor any row could allow it.
    pub fn check_table(&self, action: Action, caller: &Caller) -> Result<(), ApiError> {
        let roles = caller.roles();
        let may_depend_on_row = self.row_security && action != Action::Create;
        if caller.is_key() || may_depend_on_row || allows(self.table, action, &roles) {
            return Ok(());
        }
        // Appwrite names the required roles only for `create`.
        Err(match action {
            Action::Create => refusal(self.table, action, &roles),
            _ => ErrorKind::UserUnauthorized.into(),
        })
    }

    /// The roles that may read a row with `own` permissions.
    #[must_use]
    pub fn readers(&self, own: &[Permission]) -> Vec<String> {
        let own = if self.row_security { own } else { &[] };
        let mut readers: Vec<String> =
            roles_for(self.table, Action::Read).chain(roles_for(own, Action::Read)).map(str::to_owned).collect();
        readers.sort();
        readers.dedup();
        readers
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::{KeyScopes, users::User};

    const ROW: &[Action] = &[Action::Read, Action::Update, Action::Delete];

    fn kay() -> Caller {
        Caller { user: Some(User::new("kay".into(), Timestamp::UNIX_EPOCH)), ..Caller::default() }
    }

    fn permissions(texts: &[&str]) -> Vec<Permission> {
        texts
            .iter()
            .flat_map(|text| {
                parse(text, &[Action::Read, Action::Create, Action::Update, Action::Delete]).expect("a permission")
            })
            .collect()
    }

    fn ask(texts: &[&str], caller: &Caller) -> Result<Option<Vec<Permission>>, ApiError> {
        let value = json!({"permissions": texts});
        requested(&Params::new(value.as_object().cloned().unwrap_or_default()), ROW, caller)
    }

    #[test]
    fn write_means_update_and_delete_on_rows() {
        let given = ask(&["write(\"user:kay\")"], &kay()).expect("permissions").expect("some");
        let texts: Vec<String> = given.iter().map(Permission::to_string).collect();
        assert_eq!(texts, ["update(\"user:kay\")", "delete(\"user:kay\")"]);
    }

    #[test]
    fn user_cannot_grant_to_another_role() {
        let error = ask(&["read(\"user:lou\")"], &kay()).expect_err("an error");
        assert_eq!(
            error.message,
            "Permissions must be one of: (any, users, user:kay, user:kay/unverified, users/unverified)"
        );
        assert_eq!(error.kind, ErrorKind::UserUnauthorized);
    }

    #[test]
    fn key_can_grant_to_all_roles() {
        let key = Caller { key: Some(KeyScopes::All), ..Caller::default() };
        assert!(ask(&["read(\"user:lou\")"], &key).is_ok());
    }

    #[test]
    fn malformed_permission_is_refused() {
        for bad in ["read(any)", "create(\"any\")", "fly(\"any\")", "read(\"all\")", "read(\"user:../x\")", ""] {
            assert_eq!(ask(&[bad], &kay()).expect_err(bad).kind, ErrorKind::GeneralArgumentInvalid, "{bad}");
        }
    }

    #[test]
    fn guest_error_matches_the_recording() {
        let table = permissions(&["create(\"users\")"]);
        let access = Access { table: &table, row_security: true };
        assert_eq!(
            access.check_table(Action::Create, &Caller::default()).expect_err("an error").message,
            "Missing \"create\" permission for role \"users\". Only \"[\"any\",\"guests\"]\" scopes are allowed and \"[\"users\"]\" was given."
        );
        assert!(access.check_table(Action::Create, &kay()).is_ok());
    }

    #[test]
    fn rows_own_permissions_count_only_with_row_security() {
        let own = permissions(&["read(\"user:kay\")"]);
        let with = Access { table: &[], row_security: true };
        let without = Access { table: &[], row_security: false };
        assert!(with.allows(&own, Action::Read, &kay()));
        assert!(!with.allows(&own, Action::Update, &kay()));
        assert!(!without.allows(&own, Action::Read, &kay()));
    }

    #[test]
    fn default_permissions_are_the_creators() {
        let texts: Vec<String> = defaults(&kay()).iter().map(Permission::to_string).collect();
        assert_eq!(texts, ["read(\"user:kay\")", "update(\"user:kay\")", "delete(\"user:kay\")"]);
        assert!(defaults(&Caller::default()).is_empty());
    }
}
