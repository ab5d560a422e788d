//! What can go wrong between us and Appwrite, as types.

use std::fmt;

use jiff::Timestamp;

/// Why a call to Appwrite gave no answer of use.
///
/// Neither `Display` nor `Debug` holds a secret, nor anything of Appwrite's answer but the error's `type`.
#[derive(Debug, thiserror::Error)]
pub enum AppwriteError {
    /// Appwrite refused, and said why.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// No connection, or one that broke before the answer was whole.
    #[error("Appwrite could not be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The time for the call was over before the answer was whole.
    #[error("Appwrite did not answer in time")]
    TimedOut,
    /// An answer that is not Appwrite's: HTML, a redirect, JSON of another shape.
    #[error("something that is not Appwrite's API answered with status {status}")]
    Unexpected {
        /// The status of that answer.
        status: u16,
    },
    /// An answer longer than a client is willing to hold.
    #[error("Appwrite's answer is longer than the limit of {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// An id that Appwrite would never have given; nothing was sent.
    #[error("not a valid id for Appwrite")]
    InvalidId,
    /// A secret that cannot be one of Appwrite's (line breaks, control characters, far too long); nothing was sent.
    #[error("not a credential that Appwrite could have issued")]
    InvalidCredential,
    /// A session was created, but Appwrite kept its secret to itself, as it does for callers without an API key.
    #[error("Appwrite created a session without telling its secret: is the API key a server key of this project?")]
    SecretWithheld,
    /// The HTTP client could not be built from the settings.
    #[error("the HTTP client cannot be set up: {0}")]
    Setup(String),
}

/// Appwrite's error body, without its prose: `{message, code, type, version}`.
#[derive(Clone, thiserror::Error)]
#[error("Appwrite answered {status} {kind}")]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// The body's `type`, the only part of an error that is stable across versions.
    pub kind: String,
    /// When the rate limit of the route starts anew (`X-RateLimit-Reset`); present on limited routes only.
    pub reset: Option<Timestamp>,
    pub(super) message: String,
    pub(super) by_key: bool,
    pub(super) about_own_session: bool,
}

impl ApiError {
    /// Appwrite's own words, for an operator's log and for nobody else: they were reworded in almost every version.
    pub fn message_for_log(&self) -> &str {
        &self.message
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("status", &self.status)
            .field("kind", &self.kind)
            .field("reset", &self.reset)
            .finish_non_exhaustive()
    }
}

impl AppwriteError {
    /// Appwrite's `type` of this error, if it is one of Appwrite's own.
    pub fn kind(&self) -> Option<&str> {
        self.api().map(|error| error.kind.as_str())
    }

    /// Whether this is Appwrite's error of the type `kind`.
    pub fn is(&self, kind: &str) -> bool {
        self.kind() == Some(kind)
    }

    /// Whether the session or JWT of the call is no longer (or never was) good for anything: unknown, ended, expired.
    ///
    /// Appwrite answers a person without a session as a guest who lacks the scope. The same type from a call by API key
    /// means a missing scope of the key, which is [`lacks_scope`](Self::lacks_scope).
    pub fn is_signed_out(&self) -> bool {
        match self {
            Self::Api(error) if error.by_key => false,
            Self::Api(ApiError { status: 401, kind, .. }) => {
                matches!(kind.as_str(), "general_unauthorized_scope" | "user_jwt_invalid" | "user_session_not_found")
            }
            Self::Api(error) => error.about_own_session && error.kind == "user_session_not_found",
            Self::InvalidCredential => true,
            _ => false,
        }
    }

    /// Whether the API key lacks a scope that the call needs; the log holds which.
    pub fn lacks_scope(&self) -> bool {
        self.api().is_some_and(|error| error.by_key && error.kind == "general_unauthorized_scope")
    }

    /// Whether the person must give a second factor before anything else (`user_more_factors_required`).
    pub fn needs_more_factors(&self) -> bool {
        self.is("user_more_factors_required")
    }

    /// Whether the account is blocked (`user_blocked`).
    pub fn is_blocked(&self) -> bool {
        self.is("user_blocked")
    }

    /// Whether Appwrite's own rate limit refused the call (`general_rate_limit_exceeded`).
    pub fn is_rate_limited(&self) -> bool {
        self.api().is_some_and(|error| error.status == 429)
    }

    /// Whether the project has switched this provider off, or never set it up.
    ///
    /// Appwrite answers the refusals of the OAuth2 routes with a page of HTML, so that only the status tells.
    pub fn is_provider_disabled(&self) -> bool {
        self.is("project_provider_disabled") || matches!(self, Self::Unexpected { status: 412 })
    }

    /// Whether Appwrite does not send browsers to an address that it was given, as its host is no platform of the project.
    ///
    /// As with [`is_provider_disabled`](Self::is_provider_disabled) only the status may tell, where a call that we make by
    /// ourselves has nothing else that could be wrong with it.
    pub fn is_refused_redirect(&self) -> bool {
        self.is("general_argument_invalid") || matches!(self, Self::Unexpected { status: 400 })
    }

    /// When the rate limit that refused the call starts anew.
    pub fn retry_at(&self) -> Option<Timestamp> {
        self.api().filter(|error| error.status == 429).and_then(|error| error.reset)
    }

    /// Whether what was asked for does not exist, or not for this person (404 with one of Appwrite's types).
    pub fn is_not_found(&self) -> bool {
        self.api().is_some_and(|error| error.status == 404)
    }

    /// Whether the fault lies with Appwrite or the way to it, so that the same call may work later.
    pub fn is_outage(&self) -> bool {
        match self {
            // What the project switched off (501, 503 `general_smtp_disabled`) does not come back by itself.
            Self::Api(error) => error.status >= 500 && error.status != 501 && !error.kind.ends_with("_disabled"),
            Self::Unreachable(_) | Self::TimedOut | Self::Unexpected { .. } | Self::TooLarge { .. } => true,
            Self::InvalidId | Self::InvalidCredential | Self::SecretWithheld | Self::Setup(_) => false,
        }
    }

    /// Whether this server does not know the route at all, as older and newer ones do not know each other's.
    ///
    /// Appwrite 1.9.6 answers an unknown route with a page of HTML, so that a 404 without its JSON counts too.
    pub fn is_unknown_route(&self) -> bool {
        self.is("general_route_not_found") || matches!(self, Self::Unexpected { status: 404 | 405 })
    }

    /// The chain of causes below the error's own sentence, for the log.
    pub(super) fn cause(&self) -> Option<String> {
        let mut source = std::error::Error::source(self);
        let mut causes = Vec::new();
        while let Some(error) = source {
            causes.push(error.to_string());
            source = error.source();
        }
        (!causes.is_empty()).then(|| causes.join(": "))
    }

    fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }
}
