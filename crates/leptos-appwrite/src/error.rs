//! `AppError`: what a person is told when something did not work. It crosses the wire, so it holds no secret and no
//! text from elsewhere: only facts that we know, which the app puts into words ([`Wording`](crate::site::Wording)).

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
mod field_errors;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(feature = "ssr")]
mod of_appwrite;

#[cfg(feature = "ssr")]
pub use field_errors::FieldErrors;

/// Why something that a person asked for did not happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{self:?}")]
pub enum AppError {
    /// One or more fields of a form need another value.
    Invalid(Vec<FieldError>),
    /// Wrong password or unknown email address: the same for both, on purpose.
    InvalidCredentials,
    /// A link from a mail that was used, has expired, or is not whole.
    LinkInvalid,
    /// What was begun here before cannot be gone on with: it is too long ago, or was begun in another browser.
    StartAgain,
    /// The project does not allow this way in.
    MethodUnavailable,
    /// There is an account with this email address already.
    EmailTaken,
    /// Another service did not tell who the person is: perhaps they said no there.
    ProviderRefused {
        /// The service's name.
        provider: String,
    },
    /// There is an account with the email address that the other service named, but did not verify.
    ProviderEmailTaken {
        /// The service's name.
        provider: String,
    },
    /// Nobody is signed in, or the session has ended.
    SignedOut,
    /// The password was right; a second factor is needed before anything else.
    MoreFactorsRequired,
    /// The password was right, but must be changed before anything else.
    PasswordResetRequired,
    /// The account is blocked.
    Blocked,
    /// The person may not do this.
    Forbidden,
    /// The thing is not there, or the person may not see it.
    NotFound,
    /// Too many attempts.
    TooManyRequests {
        /// Seconds until the next attempt may succeed.
        retry_after: u64,
    },
    /// The request did not come from one of our own pages.
    CrossSite,
    /// The request was not understood.
    BadRequest,
    /// The request's body has a content type that is not taken here.
    UnsupportedMediaType,
    /// The request's body is too large.
    TooLarge,
    /// The request's body did not arrive in time.
    TooSlow,
    /// The server has as many requests as it can work on.
    Busy,
    /// The page in the browser is older than the server and calls something that is gone.
    OutOfDate,
    /// The browser could not reach our server.
    Offline,
    /// Our server could not reach Appwrite, or could not understand its answer.
    BackendUnavailable,
    /// The site or its Appwrite project is not set up as it must be; the log names the cure.
    Misconfigured,
    /// Our own mistake; the log has the rest.
    Internal,
}

/// What is wrong with one field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's `name` in the form.
    pub field: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong with the value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Problem {
    /// There is no value.
    Missing,
    /// Fewer characters than this.
    TooShort(usize),
    /// More characters than this.
    TooLong(usize),
    /// Not an email address.
    NotAnEmail,
    /// Not a date of the calendar.
    NotADate,
    /// Not one of the choices.
    NotAChoice,
    /// Not a phone number with its country.
    NotAPhone,
    /// Not the code that was sent, or not any more.
    WrongCode,
    /// The password holds the person's name or email address.
    PersonalData,
    /// The person had this password before.
    UsedBefore,
    /// The password is among those that are guessed first, or too weak for the project.
    TooWeak,
    /// The password is known from a data breach.
    Breached,
    /// Somebody has it already.
    Taken,
    /// Appwrite does not take this value.
    Refused,
}

impl AppError {
    /// An error for one field of a form.
    pub fn field(field: &str, problem: Problem) -> Self {
        Self::Invalid(vec![FieldError { field: field.into(), problem }])
    }

    /// [`AppError::Internal`]; the server's log gets the cause.
    #[cfg_attr(not(feature = "ssr"), expect(unused_variables, reason = "only the server has a log"))]
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        #[cfg(feature = "ssr")]
        tracing::warn!(%cause, "internal error");
        Self::Internal
    }

    /// What is wrong with the field of this name, if anything is.
    pub fn problem(&self, field: &str) -> Option<Problem> {
        match self {
            Self::Invalid(errors) => errors.iter().find(|error| error.field == field).map(|error| error.problem),
            Self::EmailTaken if field == "email" => Some(Problem::Taken),
            _ => None,
        }
    }

    /// Whether the same may work a little later.
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

    /// The HTTP status that says the same to a program.
    pub fn status(&self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::InvalidCredentials
            | Self::ProviderRefused { .. }
            | Self::LinkInvalid
            | Self::SignedOut
            | Self::MoreFactorsRequired => 401,
            Self::Blocked | Self::Forbidden | Self::CrossSite | Self::PasswordResetRequired => 403,
            Self::NotFound | Self::OutOfDate => 404,
            Self::TooSlow => 408,
            Self::EmailTaken | Self::ProviderEmailTaken { .. } => 409,
            Self::StartAgain => 410,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Invalid(_) => 422,
            Self::TooManyRequests { .. } => 429,
            Self::Internal | Self::Misconfigured => 500,
            Self::MethodUnavailable => 501,
            Self::Offline | Self::BackendUnavailable | Self::Busy => 503,
        }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::Offline,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Self::BadRequest,
            // The answer was no answer of this server function: another server, or another version of ours.
            ServerFnErrorErr::Deserialization(_) | ServerFnErrorErr::Response(_) => Self::OutOfDate,
            error => Self::internal(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_the_wire() {
        let error = AppError::field("email", Problem::TooLong(128));
        assert_eq!(AppError::de(error.ser()), error);
    }

    #[test]
    fn an_answer_of_something_else_is_an_out_of_date_page() {
        assert_eq!(AppError::de("<html>".into()), AppError::OutOfDate);
    }

    #[test]
    fn a_problem_is_found_by_the_name_of_its_field() {
        let error = AppError::field("email", Problem::NotAnEmail);
        assert_eq!(error.problem("email"), Some(Problem::NotAnEmail));
        assert_eq!(error.problem("name"), None);
    }
}
