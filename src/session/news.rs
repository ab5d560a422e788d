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
    /// The e-mail address is the person's.
    EmailConfirmed,
    /// A guest has become a member.
    AccountKept,
}

impl News {
    /// The news in words.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::PasswordChanged => "Your password is changed. Sign in with the new one.",
            Self::PasswordChangedOnly => {
                "Your password is changed, but your other devices could not be signed out. Ask for another link to try again."
            }
            Self::SentAgain => "We sent another one. It may take a minute to arrive.",
            Self::EmailConfirmed => "Your e-mail address is confirmed.",
            Self::AccountKept => "This account is yours to keep. Sign in with your e-mail and password from now on.",
        }
    }
}
