//! The settings of the local backend.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use secrecy::SecretString;

use crate::Policies;

/// The emulated Appwrite version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Profile {
    /// Appwrite 1.5: old paths, documents only, JWTs of a fixed lifetime.
    OneFive,
    /// Appwrite 1.6: JWTs of a chosen lifetime, an email when a new device signs in.
    OneSix,
    /// Appwrite 1.8: tables and rows, transactions, spatial columns; related rows are read only when selected.
    OneEight,
    /// Appwrite 1.9.6, the one the recorded exchanges are of: `?jwt=` is ignored.
    OneNine,
    /// Appwrite's main branch of July 2026: `?jwt=` is honored and account logs are gone, while the version says 1.9.5.
    OneNineNext,
    /// Appwrite 2.x: Realtime honors `?jwt=`, account logs are gone.
    #[default]
    Two,
}

impl Profile {
    /// The version that `GET /v1/health/version` and every error body name.
    #[must_use]
    pub fn version(self) -> &'static str {
        match self {
            Self::Two => "2.7.1",
            Self::OneNineNext => "1.9.5",
            Self::OneNine => "1.9.6",
            Self::OneEight => "1.8.1",
            Self::OneSix => "1.6.2",
            Self::OneFive => "1.5.7",
        }
    }

    /// The profile's name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Two => "2",
            Self::OneNineNext => "1.9-next",
            Self::OneNine => "1.9",
            Self::OneEight => "1.8",
            Self::OneSix => "1.6",
            Self::OneFive => "1.5",
        }
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "2" => Ok(Self::Two),
            "1.9-next" => Ok(Self::OneNineNext),
            "1.9" => Ok(Self::OneNine),
            "1.8" => Ok(Self::OneEight),
            "1.6" => Ok(Self::OneSix),
            "1.5" => Ok(Self::OneFive),
            other => Err(format!("unknown profile {other:?}: choose 2, 1.9-next, 1.9, 1.8, 1.6 or 1.5")),
        }
    }
}

/// The scopes of an API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyScopes {
    /// Every scope.
    All,
    /// Only these scopes, for instance `sessions.write`.
    Only(Vec<String>),
}

impl KeyScopes {
    /// Returns true if these scopes include `scope`.
    #[must_use]
    pub fn allows(&self, scope: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(scopes) => scopes.iter().any(|own| own == scope),
        }
    }
}

/// An API key of the project.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// The key, sent by clients as `X-Appwrite-Key`.
    pub secret: SecretString,
    /// The key's scopes.
    pub scopes: KeyScopes,
}

impl FromStr for ApiKey {
    type Err = String;

    /// Reads `KEY` (all scopes) or `KEY=scope,scope`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (secret, scopes) = match text.split_once('=') {
            None => (text, KeyScopes::All),
            Some((secret, list)) => {
                let scopes: Vec<String> =
                    list.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
                (secret, KeyScopes::Only(scopes))
            }
        };
        if secret.is_empty() {
            return Err("an API key must not be empty".to_owned());
        }
        Ok(Self { secret: secret.into(), scopes })
    }
}

/// A sign-in method that a project can switch off (`501 user_auth_method_unsupported`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthMethod {
    /// Email and password.
    EmailPassword,
    /// Magic link by mail.
    MagicUrl,
    /// Six digits by mail.
    EmailOtp,
    /// Six digits by SMS.
    Phone,
    /// Anonymous sessions.
    Anonymous,
    /// JWTs.
    Jwt,
    /// Team invitations.
    Invites,
    /// Passkeys, which [`Settings::passkeys`] switches on.
    Passkey,
}

impl AuthMethod {
    /// All methods, in Appwrite's order.
    pub const ALL: [Self; 8] = [
        Self::EmailPassword,
        Self::MagicUrl,
        Self::EmailOtp,
        Self::Anonymous,
        Self::Invites,
        Self::Jwt,
        Self::Phone,
        Self::Passkey,
    ];

    /// Appwrite's id of the method.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::EmailPassword => "email-password",
            Self::MagicUrl => "magic-url",
            Self::EmailOtp => "email-otp",
            Self::Phone => "phone",
            Self::Anonymous => "anonymous",
            Self::Jwt => "jwt",
            Self::Invites => "invites",
            Self::Passkey => "passkey",
        }
    }

    /// Appwrite's error message for the switched-off method.
    #[must_use]
    pub fn refusal(self) -> &'static str {
        match self {
            Self::EmailPassword => "Email / Password authentication is disabled for this project",
            Self::MagicUrl => "Magic URL authentication is disabled for this project",
            Self::EmailOtp => "Email OTP authentication is disabled for this project",
            Self::Phone => "Phone authentication is disabled for this project",
            Self::Anonymous => "Anonymous authentication is disabled for this project",
            Self::Jwt => "JWT authentication is disabled for this project",
            Self::Invites => "Invites authentication is disabled for this project",
            Self::Passkey => "Passkey authentication is disabled for this project",
        }
    }
}

impl FromStr for AuthMethod {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|method| method.id() == text)
            .ok_or_else(|| format!("unknown method {text:?}: choose one of {}", Self::ALL.map(Self::id).join(", ")))
    }
}

/// The settings of the backend. [`Settings::new`] returns the defaults.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address to listen on; loopback only. Port 0 picks a free port.
    pub listen: SocketAddr,
    /// The folder that holds the database and generated keys. Created when absent.
    pub data: PathBuf,
    /// The emulated Appwrite version.
    pub profile: Profile,
    /// The project's id, sent by clients as `X-Appwrite-Project`.
    pub project_id: String,
    /// The project's API keys. When empty, one with all scopes is generated at the first start and kept.
    pub api_keys: Vec<ApiKey>,
    /// Host names that browsers may come from (the project's Web platforms).
    pub platforms: Vec<String>,
    /// Host names that the backend accepts, besides loopback ones.
    pub hosts: Vec<String>,
    /// The lifetime of a session; Appwrite's default is a year.
    pub session_duration: Duration,
    /// The initial policies of the project. `PATCH /project/policies/:id` changes them until the backend stops.
    pub policies: Policies,
    /// Methods that are switched off.
    pub disabled_methods: Vec<AuthMethod>,
    /// Switches passkeys on, for the pages of this domain (the relying party's id). In Appwrite, they are off by
    /// default.
    pub passkeys: Option<String>,
    /// Refuses switched-off methods to API keys too. Appwrite allows keys to use them.
    pub disable_for_keys: bool,
    /// Sends email (to the outbox). False: `503 general_smtp_disabled`.
    pub smtp: bool,
    /// Sends SMS (to the outbox). False: `503 general_phone_disabled`.
    pub sms: bool,
    /// A file with users, tables, rows, files and teams to fill an empty data folder.
    pub seed_file: Option<PathBuf>,
    /// The configuration of Appwrite's own CLI (`appwrite.config.json`), applied to an empty data folder.
    pub config: Option<PathBuf>,
    /// Keeps everything in memory, and nothing in the data folder.
    pub ephemeral: bool,
}

impl Settings {
    /// The defaults: a free port of 127.0.0.1, profile 2, project `demo`.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: data.into(),
            profile: Profile::default(),
            project_id: "demo".to_owned(),
            api_keys: Vec::new(),
            platforms: vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
            hosts: Vec::new(),
            session_duration: Duration::from_secs(365 * 24 * 60 * 60),
            policies: Policies::default(),
            disabled_methods: Vec::new(),
            passkeys: None,
            disable_for_keys: false,
            smtp: true,
            sms: true,
            seed_file: None,
            config: None,
            ephemeral: false,
        }
    }

    /// True if a file fills an empty data folder.
    pub(crate) fn is_seeded(&self) -> bool {
        self.seed_file.is_some() || self.config.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_without_scopes_may_do_everything() {
        let key: ApiKey = "secret".parse().expect("a plain key");
        assert!(key.scopes.allows("users.write"));
    }

    #[test]
    fn key_with_scopes_may_do_only_these() {
        let key: ApiKey = "secret=sessions.write, users.read".parse().expect("a key");
        assert!(key.scopes.allows("users.read"));
        assert!(!key.scopes.allows("users.write"));
    }

    #[test]
    fn empty_key_is_refused() {
        assert!("=users.read".parse::<ApiKey>().is_err());
    }

    #[test]
    fn debug_of_a_key_does_not_show_it() {
        let key: ApiKey = "hush-hush".parse().expect("a key");
        assert!(!format!("{key:?}").contains("hush"));
    }

    #[test]
    fn every_profile_is_found_by_its_name() {
        for profile in [Profile::Two, Profile::OneNineNext, Profile::OneNine, Profile::OneFive] {
            assert_eq!(profile.name().parse(), Ok(profile));
        }
    }
}
