//! What Appwrite's refusals mean to the person.

use appwrite_client::AppwriteError;

use super::{AppError, FieldError, Problem};

impl From<AppwriteError> for AppError {
    /// What Appwrite's refusal means to the person. The call itself has logged outages and what an operator can cure.
    fn from(error: AppwriteError) -> Self {
        if error.is_signed_out() {
            return Self::SignedOut;
        }
        if let Some(cure) = error.cure() {
            if error.kind().is_none() {
                tracing::warn!(%error, cure, "unusable response from Appwrite: check the configuration");
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
            // The project's rules for addresses: no throw-away mailboxes, for instance.
            Some(kind) if kind.starts_with("user_email_") => Self::field("email", Problem::Refused),
            Some("general_argument_invalid" | "general_bad_request") => Self::BadRequest,
            Some(_) if error.is_not_found() => Self::NotFound,
            _ if matches!(error, AppwriteError::InvalidId) => Self::NotFound,
            _ => Self::unforeseen(&error),
        }
    }
}

impl AppError {
    /// What Appwrite's refusal of what a link from a mail carried means: whatever is wrong with the link is one thing.
    pub fn of_mail_link(error: AppwriteError) -> Self {
        if matches!(error.parameter(), Some("userId" | "secret")) {
            return Self::LinkInvalid;
        }
        match error.into() {
            Self::NotFound => Self::LinkInvalid,
            other => other,
        }
    }

    /// What Appwrite's refusal of a form's values means. `sent` pairs Appwrite's parameters or columns with the form's fields.
    ///
    /// An argument that is no field is our mistake; one that Appwrite does not name may be any of the fields.
    pub fn of_form(error: AppwriteError, sent: &[(&str, &str)]) -> Self {
        let field_of = |parameter: &str| sent.iter().find(|(own, _)| *own == parameter).map(|(_, field)| *field);
        if error.is("general_argument_invalid") && error.cure().is_none() {
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

    /// A refusal that the app does not expect: the log has what Appwrite said.
    fn unforeseen(error: &AppwriteError) -> Self {
        let (status, words) = (error.status(), error.message_for_log());
        tracing::warn!(%error, kind = error.kind(), status, words, "unexpected refusal from Appwrite");
        Self::Internal
    }
}

/// The problem with a value that Appwrite refuses for this parameter or column, as far as its name tells.
fn refusal_of(parameter: &str) -> Problem {
    match parameter {
        "email" => Problem::NotAnEmail,
        "phone" => Problem::NotAPhone,
        "password" => Problem::TooWeak,
        _ => Problem::Refused,
    }
}
