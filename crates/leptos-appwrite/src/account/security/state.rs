//! The state of the second factor.

use serde::{Deserialize, Serialize};

/// The second factor of the user's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactorState {
    /// True if sign-in asks for a second factor.
    pub is_on: bool,
    /// True if the account has a confirmed authenticator app.
    pub has_authenticator: bool,
    /// True if the account has recovery codes left.
    pub has_recovery_codes: bool,
    /// True if the project has its own factor, which this crate does not support.
    pub has_custom: bool,
    /// The email address; empty if there is none.
    pub email: String,
    /// True if codes can go to the email address, because it is verified.
    pub is_email_verified: bool,
    /// The phone number; empty if there is none.
    pub phone: String,
    /// True if codes can go to the phone number, because it is verified.
    pub is_phone_verified: bool,
}

impl SecondFactorState {
    /// True if the account has a factor that Appwrite asks for. Recovery codes alone do not count.
    pub fn has_factor(&self) -> bool {
        self.has_authenticator || self.is_email_verified || self.is_phone_verified
    }
}
