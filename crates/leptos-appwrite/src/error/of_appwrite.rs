//! Translates Appwrite's errors for the user.

use appwrite_client::AppwriteError;

use super::{AppError, FieldError, Problem};

impl From<AppwriteError> for AppError {
    /// Translates an Appwrite error. The client has already logged outages and configuration errors.
    fn from(error: AppwriteError) -> Self {
        if error.is_signed_out() {
            return Self::SignedOut;
        }
        if let Some(fix) = error.fix() {
            if error.kind().is_none() {
                tracing::warn!(%error, fix, "unusable response from Appwrite: check the configuration");
            }
            return Self::Misconfigured;
        }
        if error.is_rate_limited() {
            let wait = error.retry_at().map(|at| at.as_second() - jiff::Timestamp::now().as_second());
            return Self::TooManyRequests { retry_after: wait.and_then(|wait| u64::try_from(wait).ok()).unwrap_or(60) };
        }
        if error.is_outage() {
            return Self::BackendUnavailable;
        }
        if let Some(column) = error.column() {
            return Self::field(column, refusal_of(column));
        }
        match error.kind() {
            Some("user_invalid_credentials") => Self::InvalidCredentials,
            Some("user_more_factors_required") => Self::MoreFactorsRequired,
            Some("user_challenge_required") => Self::ChallengeRequired,
            Some("user_reauthentication_required") => Self::RecentSignInRequired,
            Some("user_passkey_invalid") => Self::PasskeyRefused,
            Some("user_passkey_already_exists") => Self::PasskeyExists,
            Some("user_passkey_limit_exceeded") => Self::TooManyPasskeys,
            Some("user_password_reset_required") => Self::PasswordResetRequired,
            Some("user_blocked") => Self::Blocked,
            Some("user_already_exists" | "user_email_already_exists" | "user_target_already_exists") => {
                Self::EmailTaken
            }
            Some("user_unauthorized") => Self::Forbidden,
            Some("user_invalid_token") => Self::LinkInvalid,
            Some("user_auth_method_unsupported" | "general_smtp_disabled" | "general_phone_disabled") => {
                Self::MethodUnavailable
            }
            Some("password_personal_data") => Self::field("password", Problem::PersonalData),
            Some("password_recently_used") => Self::field("password", Problem::UsedBefore),
            Some("password_pwned") => Self::field("password", Problem::Breached),
            Some("general_invalid_email") => Self::field("email", Problem::NotAnEmail),
            Some("general_invalid_phone") => Self::field("phone", Problem::NotAPhone),
            // The project's email policy, for instance against disposable addresses.
            Some(kind) if kind.starts_with("user_email_") => Self::field("email", Problem::Refused),
            Some("general_argument_invalid" | "general_bad_request") => Self::BadRequest,
            Some(_) if error.is_not_found() => Self::NotFound,
            Some(_) if error.is_update_conflict() => Self::Conflict,
            _ if matches!(error, AppwriteError::InvalidId) => Self::NotFound,
            _ => Self::unforeseen(&error),
        }
    }
}

impl AppError {
    /// Translates an Appwrite error for a link from an email: every invalid link gives the same error.
    pub fn of_mail_link(error: AppwriteError) -> Self {
        if matches!(error.parameter(), Some("userId" | "secret")) {
            return Self::LinkInvalid;
        }
        match error.into() {
            Self::NotFound => Self::LinkInvalid,
            other => other,
        }
    }

    /// Translates an Appwrite error for a form. `sent` maps Appwrite's parameters or columns to form fields.
    ///
    /// An invalid argument that is not a field is a bug of ours. If Appwrite does not name the argument, any field may
    /// be invalid.
    pub fn of_form(error: AppwriteError, sent: &[(&str, &str)]) -> Self {
        let field_of = |parameter: &str| sent.iter().find(|(own, _)| *own == parameter).map(|(_, field)| *field);
        if error.is("general_argument_invalid") && error.fix().is_none() {
            return match error.parameter() {
                Some(parameter) => match field_of(parameter) {
                    Some(field) => Self::field(field, refusal_of(parameter)),
                    None => Self::unforeseen(&error),
                },
                None => Self::Invalid(
                    sent.iter()
                        .map(|(_, field)| FieldError { field: (*field).into(), problem: Problem::Refused })
                        .collect(),
                ),
            };
        }
        match error.into() {
            Self::Invalid(mut errors) => {
                for error in &mut errors {
                    if let Some(field) = field_of(&error.field) {
                        error.field = field.into();
                    }
                }
                Self::Invalid(errors)
            }
            other => other,
        }
    }

    /// Logs an unexpected error with Appwrite's message.
    fn unforeseen(error: &AppwriteError) -> Self {
        let (status, words) = (error.status(), error.message_for_log());
        tracing::warn!(%error, kind = error.kind(), status, words, "unexpected refusal from Appwrite");
        Self::Internal
    }
}

/// Returns the problem that fits a rejected parameter or column.
fn refusal_of(parameter: &str) -> Problem {
    match parameter {
        "email" => Problem::NotAnEmail,
        "phone" => Problem::NotAPhone,
        "password" => Problem::TooWeak,
        _ => Problem::Refused,
    }
}
