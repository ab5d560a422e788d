//! Success messages shown on the next page.

/// The user has set a new password.
pub const PASSWORD_CHANGED: &str = "password-changed";
/// The user has set a new password, but the other sessions could not be ended.
pub const PASSWORD_CHANGED_ONLY: &str = "password-changed-only";
/// Another link or code was sent.
pub const SENT_AGAIN: &str = "sent-again";
/// The user has confirmed their email address.
pub const EMAIL_CONFIRMED: &str = "email-confirmed";
/// A guest has saved their account.
pub const ACCOUNT_KEPT: &str = "account-kept";

/// A birthday was deleted.
pub const BIRTHDAY_DELETED: &str = "birthday-deleted";

/// The message for the user.
pub fn sentence(outcome: &str) -> Option<&'static str> {
    Some(match outcome {
        PASSWORD_CHANGED => "Password changed. Sign in with the new one.",
        PASSWORD_CHANGED_ONLY => {
            "Password changed, but your other devices could not be signed out. Request another link to try again."
        }
        SENT_AGAIN => "We sent another one. It may take a minute to arrive.",
        EMAIL_CONFIRMED => "Your email address is confirmed.",
        ACCOUNT_KEPT => "Your account is saved. Sign in with your email and password from now on.",
        BIRTHDAY_DELETED => "The birthday was deleted.",
        _ => return None,
    })
}
