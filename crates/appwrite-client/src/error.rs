//! The errors of calls to Appwrite.

use std::fmt;

use jiff::Timestamp;

/// The reason why a call to Appwrite failed.
///
/// `Display` and `Debug` contain no secrets, and nothing of Appwrite's response except the error's `type`.
#[derive(Debug, thiserror::Error)]
pub enum AppwriteError {
    /// Appwrite returned an error.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The connection failed, or broke before the response was complete.
    #[error("Appwrite could not be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The time limit passed before the response was complete.
    #[error("Appwrite did not answer in time")]
    TimedOut,
    /// The response is not from Appwrite: HTML, a redirect, JSON of another shape.
    #[error("something that is not Appwrite's API answered with status {status}")]
    Unexpected {
        /// The response's status.
        status: u16,
    },
    /// The response exceeds the client's limit.
    #[error("Appwrite's answer is longer than the limit of {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The id is not a valid Appwrite id; nothing was sent.
    #[error("not a valid id for Appwrite")]
    InvalidId,
    /// The secret is not a valid Appwrite secret (line breaks, control characters, far too long); nothing was sent.
    #[error("not a credential that Appwrite could have issued")]
    InvalidCredential,
    /// Appwrite created a session but omitted its secret, as it does for callers without an API key.
    #[error("Appwrite created a session without telling its secret: is the API key a server key of this project?")]
    SecretWithheld,
    /// The HTTP client could not be built from the settings.
    #[error("the HTTP client cannot be set up: {0}")]
    Setup(String),
}

/// Appwrite's error body, without its message: `{message, code, type, version}`.
#[derive(Clone, thiserror::Error)]
#[error("Appwrite answered {status} {kind}")]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// The body's `type`, the only part of an error that is stable across versions.
    pub kind: String,
    /// The time when the route's rate limit resets (`X-RateLimit-Reset`); present on limited routes only.
    pub reset: Option<Timestamp>,
    pub(super) message: String,
    pub(super) by_key: bool,
    pub(super) about_own_session: bool,
}

impl ApiError {
    /// Returns Appwrite's message, for the operator's log only: it changes in almost every version.
    pub fn message_for_log(&self) -> &str {
        &self.message
    }

    /// Returns the rejected parameter (`general_argument_invalid`). Only the message names it: ``Invalid `email` param:
    /// …`` or `Param "email" is not optional.`
    fn parameter(&self) -> Option<&str> {
        if self.kind != "general_argument_invalid" {
            return None;
        }
        let quoted = |text: &'static str, quote| self.message.strip_prefix(text)?.split_once(quote);
        let (name, rest) = quoted("Invalid `", "` ").or_else(|| quoted("Param \"", "\" "))?;
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        (is_name && (rest.starts_with("param") || rest.starts_with("is not optional"))).then_some(name)
    }

    /// Returns the column with an invalid value. Only the message names it: `Invalid document structure: Attribute
    /// "birthday" has invalid type. …`
    fn column(&self) -> Option<&str> {
        if !matches!(self.kind.as_str(), "row_invalid_structure" | "document_invalid_structure") {
            return None;
        }
        let (column, rest) = self.message.split_once(": Attribute \"")?.1.split_once('"')?;
        rest.starts_with(" has invalid ").then_some(column)
    }

    pub(super) fn fix(&self) -> Option<&'static str> {
        match self.kind.as_str() {
            "row_invalid_structure" | "document_invalid_structure" if self.column().is_some() => None,
            "general_unauthorized_scope" if self.by_key => Some("give APPWRITE_API_KEY the scope that Appwrite names"),
            "user_unauthorized" | "general_access_forbidden" | "user_api_key_and_session_set" if self.by_key => {
                Some("make a new key in the console and set APPWRITE_API_KEY")
            }
            "project_key_expired" | "api_key_expired" => {
                Some("the key has expired: make a new one in the console and set APPWRITE_API_KEY")
            }
            "project_not_found" => Some("set APPWRITE_PROJECT_ID to the id of a project of this Appwrite"),
            "database_not_found" => Some("set APPWRITE_DATABASE_ID to a database, or create it with create-tables"),
            "table_not_found" | "collection_not_found" => Some("create the table with create-tables"),
            "column_not_found"
            | "attribute_not_found"
            | "general_query_invalid"
            | "row_invalid_structure"
            | "document_invalid_structure" => Some("the table's columns are not those of the app: run create-tables"),
            "general_unknown_origin" => Some("add the app's host as a web platform in the project's settings"),
            "general_api_disabled" | "general_service_disabled" => {
                Some("switch the service on in the project's settings")
            }
            _ => match self.parameter() {
                Some("url" | "success" | "failure") => {
                    Some("add the host of APP_ORIGIN as a web platform in the project's settings")
                }
                _ => None,
            },
        }
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
    /// Returns the error's Appwrite `type`, if Appwrite returned the error.
    pub fn kind(&self) -> Option<&str> {
        self.api().map(|error| error.kind.as_str())
    }

    /// Returns the HTTP status, if Appwrite returned the error.
    pub fn status(&self) -> Option<u16> {
        self.api().map(|error| error.status)
    }

    /// Returns Appwrite's message, for the log only.
    pub fn message_for_log(&self) -> Option<&str> {
        self.api().map(ApiError::message_for_log)
    }

    /// True if this is Appwrite's error of the type `kind`.
    pub fn is(&self, kind: &str) -> bool {
        self.kind() == Some(kind)
    }

    /// True if the call's session or JWT is invalid: unknown, ended, expired.
    ///
    /// Appwrite treats a user without a session as a guest without the scope. The same type from a call with the API
    /// key means that the key lacks a scope, see [`lacks_scope`](Self::lacks_scope).
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

    /// True if the API key lacks a required scope; the log names it.
    pub fn lacks_scope(&self) -> bool {
        self.api().is_some_and(|error| error.by_key && error.kind == "general_unauthorized_scope")
    }

    /// Tells the operator how to fix a misconfigured app or project.
    ///
    /// Only for calls with the API key: for a user's call, the same type may mean that the user lacks a permission.
    pub fn fix(&self) -> Option<&'static str> {
        match self {
            Self::Api(error) => error.fix(),
            Self::SecretWithheld => Some("set APPWRITE_API_KEY to a server key of this project"),
            _ => None,
        }
    }

    /// Returns the rejected parameter, if Appwrite names one.
    pub fn parameter(&self) -> Option<&str> {
        self.api()?.parameter()
    }

    /// Returns the column with an invalid value, if Appwrite names one.
    pub fn column(&self) -> Option<&str> {
        self.api()?.column()
    }

    /// True if the user must complete a second factor first (`user_more_factors_required`).
    pub fn needs_more_factors(&self) -> bool {
        self.is("user_more_factors_required")
    }

    /// True if the account is blocked (`user_blocked`).
    pub fn is_blocked(&self) -> bool {
        self.is("user_blocked")
    }

    /// True if Appwrite's own rate limit rejected the call (`general_rate_limit_exceeded`).
    pub fn is_rate_limited(&self) -> bool {
        self.api().is_some_and(|error| error.status == 429)
    }

    /// True if the provider is disabled or not configured in the project.
    ///
    /// Appwrite's OAuth2 routes return errors as HTML, so only the status shows this.
    pub fn is_provider_disabled(&self) -> bool {
        self.is("project_provider_disabled") || matches!(self, Self::Unexpected { status: 412 })
    }

    /// True if Appwrite rejects a redirect URL because its host is not a platform of the project.
    ///
    /// As with [`is_provider_disabled`](Self::is_provider_disabled), only the status may show this; our server's call
    /// has no other part that could be invalid.
    pub fn is_refused_redirect(&self) -> bool {
        self.is("general_argument_invalid") || matches!(self, Self::Unexpected { status: 400 })
    }

    /// Returns the time when the rate limit that rejected the call resets.
    pub fn retry_at(&self) -> Option<Timestamp> {
        self.api().filter(|error| error.status == 429).and_then(|error| error.reset)
    }

    /// True if the object does not exist or the user may not see it (404 with one of Appwrite's types).
    pub fn is_not_found(&self) -> bool {
        self.api().is_some_and(|error| error.status == 404)
    }

    /// True if the row was changed after the version that the caller knows (see
    /// [`Rows::unchanged_since`](crate::Rows::unchanged_since)).
    pub fn is_update_conflict(&self) -> bool {
        self.kind().is_some_and(|kind| kind.ends_with("_update_conflict"))
    }

    /// True if Appwrite or the connection to it failed, so that a retry may succeed.
    pub fn is_outage(&self) -> bool {
        match self {
            // Disabled features (501, 503 `general_smtp_disabled`) do not recover on their own.
            Self::Api(error) => error.status >= 500 && error.status != 501 && !error.kind.ends_with("_disabled"),
            Self::Unreachable(_) | Self::TimedOut | Self::Unexpected { .. } | Self::TooLarge { .. } => true,
            Self::InvalidId | Self::InvalidCredential | Self::SecretWithheld | Self::Setup(_) => false,
        }
    }

    /// True if this server does not know the route, because its version is older or newer.
    ///
    /// Appwrite 1.9.6 answers an unknown route with an HTML page, so a 404 without its JSON counts too.
    pub fn is_unknown_route(&self) -> bool {
        self.is("general_route_not_found") || matches!(self, Self::Unexpected { status: 404 | 405 })
    }

    /// Returns the chain of causes below the error's own message, for the log.
    pub(super) fn cause(&self) -> Option<String> {
        std::error::Error::source(self).map(in_words)
    }

    fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }
}

/// Returns an error's text, followed by those of its causes.
pub(super) fn in_words(error: &(dyn std::error::Error + 'static)) -> String {
    let all = std::iter::successors(Some(error), |error| error.source());
    all.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: &str, message: &str, by_key: bool) -> AppwriteError {
        let (kind, message) = (kind.to_owned(), message.to_owned());
        AppwriteError::Api(ApiError { status: 400, kind, reset: None, message, by_key, about_own_session: false })
    }

    #[test]
    fn parameter_is_read_from_argument_errors_only() {
        let parameter = |kind, message| error(kind, message, false).parameter().map(str::to_owned);
        let kind = "general_argument_invalid";
        for (message, name) in [
            ("Invalid `email` param: Value must be a valid email address", Some("email")),
            ("Invalid `password` param: Password must be between 8 and 256 characters long.", Some("password")),
            ("Param \"userId\" is not optional.", Some("userId")),
            ("Invalid `` param: x", None),
            ("Invalid `a b` param: x", None),
            ("Invalid `email", None),
            ("Words about `email` param", None),
            ("", None),
        ] {
            assert_eq!(parameter(kind, message).as_deref(), name, "{message}");
        }
        assert_eq!(parameter("general_unknown", "Invalid `email` param: x"), None);
    }

    #[test]
    fn refused_column_value_is_not_a_setup_error() {
        for kind in ["row_invalid_structure", "document_invalid_structure"] {
            for (message, column) in [
                ("Invalid document structure: Attribute \"name\" has invalid type. Value must be …", Some("name")),
                ("Invalid document structure: Attribute \"kind\" has invalid format. Value must be …", Some("kind")),
                ("Invalid document structure: Unknown attribute: \"name\"", None),
                ("Invalid document structure: Missing required attribute \"name\"", None),
                ("", None),
            ] {
                let error = error(kind, message, false);
                assert_eq!(error.column(), column, "{message}");
                assert_eq!(error.fix().is_none(), column.is_some(), "{message}");
            }
        }
        let message = "Invalid document structure: Attribute \"name\" has invalid type.";
        assert_eq!(error("general_unknown", message, false).column(), None);
    }

    #[test]
    fn unauthorized_user_differs_from_unauthorized_key() {
        for kind in ["user_unauthorized", "general_unauthorized_scope"] {
            assert!(error(kind, "", true).fix().is_some(), "{kind}");
            assert!(error(kind, "", false).fix().is_none(), "{kind}");
        }
        for by_key in [true, false] {
            assert!(error("table_not_found", "", by_key).fix().is_some());
            assert!(error("row_not_found", "", by_key).fix().is_none());
            assert!(error("user_not_found", "", by_key).fix().is_none());
        }
        assert!(error("general_argument_invalid", "Invalid `url` param: Invalid URI.", true).fix().is_some());
    }
}
