//! Error responses of the API: a stable type, a status, and a message for the client's developer.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leptos_appwrite::english::problem as problem_in_words;
use leptos_appwrite::error::http::COME_BACK_AFTER;
use leptos_appwrite::error::http::retry_after;
use leptos_appwrite::error::{AppError, FieldError};
use leptos_appwrite::request_id;
use serde::Serialize;
use utoipa::ToSchema;

/// The error's type. Existing types never change; new ones may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ErrorType)]
pub(super) enum RefusalKind {
    BadRequest,
    CredentialsAmbiguous,
    CredentialsMissing,
    CredentialsRefused,
    MoreFactorsRequired,
    AccountBlocked,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    TooLarge,
    TooSlow,
    UnsupportedMediaType,
    Invalid,
    RateLimited,
    Internal,
    Overloaded,
    Unavailable,
}

/// An error with everything that its response contains.
#[derive(Debug)]
pub(super) struct Refusal {
    kind: RefusalKind,
    fields: Vec<FieldError>,
    retry_after: Option<u64>,
}

/// An error response.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub(super) struct RefusalBody {
    error: RefusalFacts,
}

/// The error.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ErrorFacts)]
struct RefusalFacts {
    #[serde(rename = "type")]
    kind: RefusalKind,
    /// A message for developers; it may change.
    message: &'static str,
    /// The request's id in the server log; only for errors of the server.
    #[serde(rename = "requestId", skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    request_id: Option<String>,
    /// The invalid fields of the body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    fields: Vec<FieldFacts>,
}

/// A problem with one field of the body.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ErrorField)]
struct FieldFacts {
    /// The name of the field.
    field: String,
    /// A message for developers; it may change.
    message: String,
}

impl RefusalKind {
    /// The type's name in the JSON.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// The HTTP status of this type.
    pub fn status(self) -> StatusCode {
        match self {
            Self::BadRequest | Self::CredentialsAmbiguous => StatusCode::BAD_REQUEST,
            Self::CredentialsMissing | Self::CredentialsRefused | Self::MoreFactorsRequired => StatusCode::UNAUTHORIZED,
            Self::AccountBlocked | Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Overloaded | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Says what happened and what to do.
    pub fn message(self) -> &'static str {
        match self {
            Self::BadRequest => "The body must be valid JSON.",
            Self::CredentialsAmbiguous => "Two different credentials were sent: send one JWT in one header.",
            Self::CredentialsMissing => "Send an Appwrite JWT as Authorization: Bearer or X-Appwrite-JWT.",
            Self::CredentialsRefused => {
                "The JWT is not valid, has expired, or its session has ended: get a new one from Appwrite."
            }
            Self::MoreFactorsRequired => "The session of the JWT still needs a second factor.",
            Self::AccountBlocked => "The account is blocked.",
            Self::Forbidden => "The account may not do this.",
            Self::NotFound => "This doesn't exist, or the account may not see it.",
            Self::MethodNotAllowed => "This path does not take this method: see the header Allow.",
            Self::TooLarge => "The body is larger than 64 KiB.",
            Self::TooSlow => "The body took too long to arrive: send it again.",
            Self::UnsupportedMediaType => "The body must be sent as Content-Type: application/json.",
            Self::Invalid => "The body has fields that are missing, unknown or invalid.",
            Self::RateLimited => "Too many requests: wait for the time in the header Retry-After.",
            Self::Internal => "Something went wrong on our side.",
            Self::Overloaded => "Too many requests at once: wait for the time in the header Retry-After.",
            Self::Unavailable => "Appwrite does not answer right now: try again in a minute.",
        }
    }

    /// The `WWW-Authenticate` challenge of a 401 (RFC 6750, section 3).
    fn challenge(self) -> Option<HeaderValue> {
        match self {
            Self::CredentialsMissing => Some(HeaderValue::from_static("Bearer")),
            Self::CredentialsRefused | Self::MoreFactorsRequired => {
                Some(HeaderValue::from_static("Bearer error=\"invalid_token\""))
            }
            _ => None,
        }
    }
}

impl From<RefusalKind> for Refusal {
    fn from(kind: RefusalKind) -> Self {
        let retry_after =
            if kind == RefusalKind::Unavailable { retry_after(&AppError::BackendUnavailable) } else { None };
        Self { kind, fields: Vec::new(), retry_after }
    }
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        let kind = match error {
            AppError::Invalid(fields) => return Self { fields, ..RefusalKind::Invalid.into() },
            AppError::TooManyRequests { retry_after } => {
                return Self { retry_after: Some(retry_after), ..RefusalKind::RateLimited.into() };
            }
            AppError::SignedOut | AppError::InvalidCredentials => RefusalKind::CredentialsRefused,
            AppError::MoreFactorsRequired | AppError::ChallengeRequired | AppError::RecentSignInRequired => {
                RefusalKind::MoreFactorsRequired
            }
            AppError::Blocked => RefusalKind::AccountBlocked,
            AppError::Forbidden | AppError::CrossSite | AppError::PasswordResetRequired => RefusalKind::Forbidden,
            AppError::NotFound => RefusalKind::NotFound,
            AppError::BadRequest => RefusalKind::BadRequest,
            AppError::UnsupportedMediaType => RefusalKind::UnsupportedMediaType,
            AppError::TooLarge => RefusalKind::TooLarge,
            AppError::TooSlow => RefusalKind::TooSlow,
            AppError::Busy => {
                return Self { retry_after: Some(COME_BACK_AFTER.into()), ..RefusalKind::Overloaded.into() };
            }
            AppError::Offline | AppError::BackendUnavailable => RefusalKind::Unavailable,
            AppError::EmailTaken
            | AppError::ProviderRefused { .. }
            | AppError::ProviderEmailTaken { .. }
            | AppError::LinkInvalid
            | AppError::StartAgain
            | AppError::MethodUnavailable
            | AppError::OutOfDate
            | AppError::NoPassword
            | AppError::LastSignInMethod
            | AppError::OtherAccount
            | AppError::SignInToConfirm
            | AppError::NumberNotConfirmed
            | AppError::NotAllDeleted { .. }
            | AppError::Conflict
            | AppError::Misconfigured
            | AppError::PasskeyRefused
            | AppError::PasskeyCancelled
            | AppError::PasskeyExists
            | AppError::TooManyPasskeys
            | AppError::PasskeysUnsupported
            | AppError::Internal => RefusalKind::Internal,
        };
        kind.into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let fields = self.fields.into_iter();
        let fields = fields
            .map(|error| FieldFacts { field: error.field, message: problem_in_words(error.problem, None) })
            .collect();
        let request_id = if self.kind.status().is_server_error() { request_id::current() } else { None };
        let facts = RefusalFacts { kind: self.kind, message: self.kind.message(), request_id, fields };
        let body = RefusalBody { error: facts };
        let mut response = (self.kind.status(), Json(body)).into_response();
        if let Some(challenge) = self.kind.challenge() {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_message_names_the_limit() {
        assert_eq!(leptos_appwrite::server::limits::BODY_LIMIT, 64 * 1024);
        assert!(RefusalKind::TooLarge.message().contains("64 KiB"));
    }

    #[test]
    fn each_401_has_a_bearer_challenge() {
        for kind in [RefusalKind::CredentialsMissing, RefusalKind::CredentialsRefused, RefusalKind::MoreFactorsRequired]
        {
            let response = Refusal::from(kind).into_response();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
            assert!(response.headers()[header::WWW_AUTHENTICATE].as_bytes().starts_with(b"Bearer"));
        }
    }

    #[test]
    fn rate_limited_response_has_retry_after() {
        let response = Refusal::from(AppError::TooManyRequests { retry_after: 7 }).into_response();
        assert_eq!(
            (response.status(), &response.headers()[header::RETRY_AFTER]),
            (StatusCode::TOO_MANY_REQUESTS, &"7".parse().expect("a header"))
        );
    }
}
