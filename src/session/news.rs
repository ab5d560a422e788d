//! Good news for the page that is rendered next.

use serde::{Deserialize, Serialize};

/// What went as the person wished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum News {
    /// The account has a new password.
    PasswordChanged,
    /// The account has a new password, and is still open elsewhere, against the person's wish.
    PasswordChangedOnly,
    /// Another link or code was sent.
    SentAgain,
    /// The email address is the person's.
    EmailConfirmed,
    /// A guest has become a member.
    AccountKept,
}

impl News {
    /// The news in words.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::PasswordChanged => "Password changed. Sign in with the new one.",
            Self::PasswordChangedOnly => {
                "Password changed, but your other devices could not be signed out. Request another link to try again."
            }
            Self::SentAgain => "We sent another one. It may take a minute to arrive.",
            Self::EmailConfirmed => "Your email address is confirmed.",
            Self::AccountKept => "Your account is saved. Sign in with your email and password from now on.",
        }
    }
}
