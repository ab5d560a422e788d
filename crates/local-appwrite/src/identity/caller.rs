//! The caller of a request, with roles and scopes.

use crate::{KeyScopes, sessions::Session, users::User};

/// Scopes of everyone, signed in or not.
const GUEST_SCOPES: &[&str] = &[
    "public",
    "global",
    "graphql",
    "sessions.write",
    "documents.read",
    "documents.write",
    "rows.read",
    "rows.write",
    "embeddings.write",
    "files.read",
    "files.write",
    "locale.read",
    "avatars.read",
    "executions.write",
];

/// Additional scopes of a signed-in user.
const USER_SCOPES: &[&str] = &[
    "account",
    "presences.read",
    "presences.write",
    "teams.read",
    "teams.write",
    "executions.read",
    "targets.read",
    "targets.write",
    "subscribers.write",
    "subscribers.read",
];

/// Scopes that every API key has, even if they were not granted.
const OF_EACH_KEY: &[&str] = &["public", "global", "health.read", "graphql"];

/// Scopes that no API key can have: they belong to users and to the console.
const NOT_OF_KEYS: &[&str] = &["account", "projects.read", "projects.write", "root"];

/// The caller of one request. Has no `Debug`: the user record holds a password's hash.
#[derive(Clone, Default)]
pub struct Caller {
    /// The signed-in user.
    pub user: Option<User>,
    /// The caller's session, or that of the JWT.
    pub session: Option<Session>,
    /// The user's team roles.
    pub team_roles: Vec<String>,
    /// True if the caller sent a JWT.
    pub by_jwt: bool,
    /// The scopes of the API key, if any.
    pub key: Option<KeyScopes>,
}

impl Caller {
    /// The current session's id. `None` for a JWT: Appwrite finds the session by its secret.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.session.as_ref().filter(|_| !self.by_jwt).map(|session| session.id.as_str())
    }

    /// The user's id.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.user.as_ref().map(|user| user.id.as_str())
    }

    /// Returns true for an API key, which bypasses permissions and limits.
    #[must_use]
    pub fn is_key(&self) -> bool {
        self.key.is_some()
    }

    /// Returns true if the caller has `scope`. An API key takes precedence over a user.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        match &self.key {
            Some(scopes) => OF_EACH_KEY.contains(&scope) || (!NOT_OF_KEYS.contains(&scope) && scopes.allows(scope)),
            None => GUEST_SCOPES.contains(&scope) || (self.user.is_some() && USER_SCOPES.contains(&scope)),
        }
    }

    /// The caller's roles for permission checks, in Appwrite's order.
    #[must_use]
    pub fn roles(&self) -> Vec<String> {
        let Some(user) = &self.user else {
            return vec!["any".to_owned(), "guests".to_owned()];
        };
        let id = &user.id;
        let proven = if user.email_verification || user.phone_verification { "verified" } else { "unverified" };
        let mut roles = vec![
            "any".to_owned(),
            "users".to_owned(),
            format!("user:{id}"),
            format!("user:{id}/{proven}"),
            format!("users/{proven}"),
        ];
        roles.extend(self.team_roles.iter().cloned());
        roles.extend(user.labels.iter().map(|label| format!("label:{label}")));
        roles
    }

    /// The caller's name in the error about missing scopes.
    #[must_use]
    pub fn described(&self, project_id: &str, host: &str) -> String {
        match (&self.key, &self.user) {
            (Some(_), _) => {
                format!("app.{project_id}@service.{host} (role: applications)")
            }
            (None, None) => "User (role: guests)".to_owned(),
            (None, Some(user)) => {
                let email = user.email.as_deref().unwrap_or("User");
                format!("{email} (role: users)")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn signed_in() -> Caller {
        Caller { user: Some(User::new("kay".into(), Timestamp::UNIX_EPOCH)), ..Caller::default() }
    }

    #[test]
    fn guest_has_the_roles_any_and_guests() {
        assert_eq!(Caller::default().roles(), ["any", "guests"]);
    }

    #[test]
    fn users_roles_come_in_the_recorded_order() {
        assert_eq!(signed_in().roles(), ["any", "users", "user:kay", "user:kay/unverified", "users/unverified"]);
    }

    #[test]
    fn labels_and_verified_status_are_roles() {
        let mut caller = signed_in();
        if let Some(user) = &mut caller.user {
            user.labels = vec!["vip".into()];
            user.phone_verification = true;
        }
        let roles = caller.roles();
        assert!(roles.contains(&"label:vip".to_owned()));
        assert!(roles.contains(&"users/verified".to_owned()));
        assert!(!roles.contains(&"users/unverified".to_owned()));
    }

    #[test]
    fn key_never_has_the_scope_account() {
        let caller = Caller { key: Some(KeyScopes::All), ..signed_in() };
        assert!(!caller.has_scope("account"));
        assert!(caller.has_scope("users.write"));
        assert!(signed_in().has_scope("account"));
    }

    #[test]
    fn guest_may_sign_in_but_has_no_account() {
        assert!(Caller::default().has_scope("sessions.write"));
        assert!(!Caller::default().has_scope("account"));
        assert!(!Caller::default().has_scope("users.read"));
    }
}
