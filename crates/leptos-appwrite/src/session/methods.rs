//! The sign-in methods that the app offers.

use serde::{Deserialize, Serialize};

/// A sign-in method, or a feature beside it, that a project can switch off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SignInMethod {
    /// A link by mail.
    MagicLink,
    /// A code by mail.
    EmailCode,
    /// A code by message.
    PhoneCode,
    /// No proof at all.
    Guest,
    /// A new password, by a link in a mail.
    Recovery,
    /// Proof of the email address, by a link in a mail.
    Verification,
}

impl SignInMethod {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::MagicLink, Self::EmailCode, Self::PhoneCode, Self::Guest, Self::Recovery, Self::Verification];

    /// Those that take a mail.
    pub const BY_MAIL: [Self; 4] = [Self::MagicLink, Self::EmailCode, Self::Recovery, Self::Verification];
}

/// A service at which people have an account already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Appwrite's name of it: `github`.
    pub id: String,
    /// People's name of it: `GitHub`.
    pub name: String,
}

/// What a page offers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInMethods {
    /// The methods beside email and password.
    pub open: Vec<SignInMethod>,
    /// The providers to sign in with.
    pub providers: Vec<Provider>,
}

impl SignInMethods {
    /// True if the app offers this method.
    pub fn offers(&self, method: SignInMethod) -> bool {
        self.open.contains(&method)
    }
}
