//! `AppError`: the errors that users see. The server sends them to browsers, so they contain no secrets and no text
//! from elsewhere, only facts. The app provides the texts ([`Wording`](crate::site::Wording)).

use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub(crate) mod causes;
#[cfg(feature = "ssr")]
mod field_errors;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(feature = "ssr")]
mod of_appwrite;

#[cfg(feature = "ssr")]
pub use field_errors::FieldErrors;

/// The reason why a user's request failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{self:?}")]
pub enum AppError {
    /// One or more form fields have an invalid value.
    Invalid(Vec<FieldError>),
    /// Wrong password or unknown email address. The same error for both, so that nobody learns who has an account.
    InvalidCredentials,
    /// A link from an email that is used, expired or incomplete.
    LinkInvalid,
    /// The pending sign-in cannot continue: it expired or started in another browser.
    StartAgain,
    /// The project does not allow this sign-in method.
    MethodUnavailable,
    /// An account with this email address already exists.
    EmailTaken,
    /// The OAuth2 provider did not identify the user, for instance because the user declined.
    ProviderRefused {
        /// The provider's name.
        provider: String,
    },
    /// An account already exists with the provider's email address, but the provider has not verified the address.
    ProviderEmailTaken {
        /// The provider's name.
        provider: String,
    },
    /// No session, or the session has ended.
    SignedOut,
    /// The password is correct; a second factor is required first.
    MoreFactorsRequired,
    /// The user must complete the second factor again before this change.
    ChallengeRequired,
    /// The user must sign in again before this change: the session is older than Appwrite allows.
    RecentSignInRequired,
    /// The passkey is unknown or belongs to another site, or the answer came too late.
    PasskeyRefused,
    /// The browser has no matching passkey, or the user declined.
    PasskeyCancelled,
    /// The device has a passkey for this account already.
    PasskeyExists,
    /// The account has as many passkeys as Appwrite allows.
    TooManyPasskeys,
    /// The browser has no passkeys for this page.
    PasskeysUnsupported,
    /// The password is correct, but the user must change it first.
    PasswordResetRequired,
    /// The change needs a password, and the account has none.
    NoPassword,
    /// The credential to remove is the only one that signs in to the account.
    LastSignInMethod,
    /// The form belongs to another account than the one that is signed in now.
    OtherAccount,
    /// The deletion of the account stopped halfway. It can be tried again.
    NotAllDeleted {
        /// The number of rows that are left. If it is zero, only the account is left.
        rows: usize,
    },
    /// The account is blocked.
    Blocked,
    /// The content was changed elsewhere since the form was opened.
    Conflict,
    /// The user may not do this.
    Forbidden,
    /// The resource does not exist, or the user may not see it.
    NotFound,
    /// Too many attempts.
    TooManyRequests {
        /// Seconds until the next attempt may succeed.
        retry_after: u64,
    },
    /// The link confirms the email address of an account that is not signed in to in this browser.
    SignInToConfirm,
    /// The code is right, but the account had not confirmed the phone number: another user may have added it.
    NumberNotConfirmed,
    /// The request comes from another site.
    CrossSite,
    /// The request is malformed.
    BadRequest,
    /// The content type of the request body is not supported.
    UnsupportedMediaType,
    /// The request body is too large.
    TooLarge,
    /// The request body did not arrive in time.
    TooSlow,
    /// The server has reached its limit of concurrent requests.
    Busy,
    /// The page is older than the server and calls something that no longer exists.
    OutOfDate,
    /// The browser cannot reach our server.
    Offline,
    /// Our server cannot reach Appwrite or cannot parse its response.
    BackendUnavailable,
    /// The site or its Appwrite project is misconfigured; the log says how to fix it.
    Misconfigured,
    /// A bug in the server; the log has the details.
    Internal,
}

/// A problem with one field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's `name` in the form.
    pub field: String,
    /// The problem.
    pub problem: Problem,
}

/// A problem with a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Problem {
    /// The value is missing.
    Missing,
    /// The value has fewer characters than this.
    TooShort(usize),
    /// The value has more characters than this.
    TooLong(usize),
    /// Not an email address.
    NotAnEmail,
    /// Not a calendar date.
    NotADate,
    /// The date lies in the future.
    InFuture,
    /// The date lies before this year.
    TooEarly(i16),
    /// Not one of the choices.
    NotAChoice,
    /// Not a phone number with its country code.
    NotAPhone,
    /// The code is wrong or expired.
    WrongCode,
    /// The password contains the user's name or email address.
    PersonalData,
    /// The user has had this password before.
    UsedBefore,
    /// The password is too common, or too weak for the project's policy.
    TooWeak,
    /// The password appears in a data breach.
    Breached,
    /// Another account has this value.
    Taken,
    /// Another account has this value, and the user is signed in to their own.
    OfAnotherAccount,
    /// The account has this value already.
    Unchanged,
    /// The password is not the account's password.
    WrongPassword,
    /// The email address or phone number does not belong to the account.
    NotTheAccounts,
    /// Appwrite rejects this value.
    Refused,
}

impl AppError {
    /// Creates an error for one form field.
    pub fn field(field: &str, problem: Problem) -> Self {
        Self::Invalid(vec![FieldError { field: field.into(), problem }])
    }

    /// Creates [`AppError::Internal`] and logs the cause.
    #[cfg_attr(not(feature = "ssr"), expect(unused_variables, reason = "only the server has a log"))]
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        #[cfg(feature = "ssr")]
        tracing::warn!(%cause, "internal error");
        Self::Internal
    }

    /// Returns the problem with this field, if any.
    pub fn problem(&self, field: &str) -> Option<Problem> {
        match self {
            Self::Invalid(errors) => errors.iter().find(|error| error.field == field).map(|error| error.problem),
            Self::EmailTaken if field == "email" => Some(Problem::Taken),
            _ => None,
        }
    }

    /// True if a field of the form shows the problem.
    pub(crate) fn is_of_fields(&self) -> bool {
        matches!(self, Self::Invalid(_) | Self::EmailTaken)
    }

    /// True if the same request may succeed later.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::TooManyRequests { .. }
                | Self::Offline
                | Self::BackendUnavailable
                | Self::TooSlow
                | Self::Busy
                | Self::Internal
        )
    }

    /// Returns the matching HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::InvalidCredentials
            | Self::ProviderRefused { .. }
            | Self::LinkInvalid
            | Self::SignedOut
            | Self::MoreFactorsRequired
            | Self::ChallengeRequired
            | Self::RecentSignInRequired
            | Self::SignInToConfirm
            | Self::PasskeyRefused
            | Self::PasskeyCancelled => 401,
            Self::Blocked
            | Self::Forbidden
            | Self::CrossSite
            | Self::PasswordResetRequired
            | Self::NumberNotConfirmed => 403,
            Self::NotFound | Self::OutOfDate => 404,
            Self::TooSlow => 408,
            Self::EmailTaken
            | Self::ProviderEmailTaken { .. }
            | Self::NoPassword
            | Self::LastSignInMethod
            | Self::OtherAccount
            | Self::Conflict
            | Self::PasskeyExists
            | Self::TooManyPasskeys => 409,
            Self::StartAgain => 410,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Invalid(_) => 422,
            Self::TooManyRequests { .. } => 429,
            Self::Internal | Self::Misconfigured => 500,
            Self::MethodUnavailable | Self::PasskeysUnsupported => 501,
            Self::Offline | Self::BackendUnavailable | Self::Busy | Self::NotAllDeleted { .. } => 503,
        }
    }
}

/// Encodes errors as JSON, like the data in the page, so that the wasm needs only one JSON parser.
#[derive(Debug)]
pub struct Json;

impl ContentType for Json {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for Json {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for Json {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_string(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for Json {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        serde_json::from_str(&String::from_utf8_lossy(&bytes))
    }
}

impl FromServerFnError for AppError {
    type Encoder = Json;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::Offline,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Self::BadRequest,
            // The response is not from this server function: it is from another server, or from another version of
            // ours.
            ServerFnErrorErr::Deserialization(_) | ServerFnErrorErr::Response(_) => Self::OutOfDate,
            error => Self::internal(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_survives_the_wire() {
        let error = AppError::field("email", Problem::TooLong(128));
        assert_eq!(AppError::de(error.ser()), error);
    }

    #[test]
    fn unknown_response_means_an_outdated_page() {
        assert_eq!(AppError::de("<html>".into()), AppError::OutOfDate);
    }

    #[test]
    fn field_error_is_found_by_its_field_name() {
        let error = AppError::field("email", Problem::NotAnEmail);
        assert_eq!(error.problem("email"), Some(Problem::NotAnEmail));
        assert_eq!(error.problem("name"), None);
    }
}
