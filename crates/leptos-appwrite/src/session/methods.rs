//! The sign-in methods that the app offers.

use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// A sign-in method or a related feature, which a project can switch off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SignInMethod {
    /// A sign-in link by email.
    MagicLink,
    /// A code by email.
    EmailCode,
    /// A code by text message.
    PhoneCode,
    /// A passkey.
    Passkey,
    /// An anonymous account.
    Guest,
    /// Password reset by a link in an email.
    Recovery,
    /// Email verification by a link in an email.
    Verification,
}

impl SignInMethod {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::MagicLink,
        Self::EmailCode,
        Self::PhoneCode,
        Self::Passkey,
        Self::Guest,
        Self::Recovery,
        Self::Verification,
    ];

    /// The methods that need email.
    pub const BY_MAIL: [Self; 4] = [Self::MagicLink, Self::EmailCode, Self::Recovery, Self::Verification];
}

/// An OAuth2 provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct Provider {
    /// Appwrite's name: `github`.
    pub id: String,
    /// The display name: `GitHub`.
    pub name: String,
}

/// The sign-in methods that a page offers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct SignInMethods {
    /// The enabled methods, besides email and password.
    pub open: Vec<SignInMethod>,
    /// The enabled providers.
    pub providers: Vec<Provider>,
}

impl SignInMethods {
    /// True if the app offers this method.
    pub fn offers(&self, method: SignInMethod) -> bool {
        self.open.contains(&method)
    }
}
