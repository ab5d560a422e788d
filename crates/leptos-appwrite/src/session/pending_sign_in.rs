//! A sign-in that waits for a proof: a link, a code, a second factor.

use serde::{Deserialize, Serialize};

use super::methods::SignInMethod;

/// The proof that the user must provide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// A link or code that Appwrite sends.
    Sent(SentProof),
    /// The code of a second factor.
    SecondFactor(Factor),
}

/// A link or code that Appwrite sends to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SentProof {
    /// The link in an email.
    MagicLink,
    /// The code in an email.
    EmailCode,
    /// The code in a text message.
    PhoneCode,
}

impl SentProof {
    /// Returns the name used in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MagicLink => "magic_link",
            Self::EmailCode => "email_code",
            Self::PhoneCode => "phone_code",
        }
    }

    /// True for a code that the user types, false for a link.
    pub fn is_code(self) -> bool {
        self != Self::MagicLink
    }
}

impl From<SentProof> for SignInMethod {
    fn from(proof: SentProof) -> Self {
        match proof {
            SentProof::MagicLink => Self::MagicLink,
            SentProof::EmailCode => Self::EmailCode,
            SentProof::PhoneCode => Self::PhoneCode,
        }
    }
}

/// A second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Factor {
    /// An authenticator app.
    Totp,
    /// A code by email.
    Email,
    /// A code by text message.
    Phone,
    /// One of the recovery codes that the user saved.
    RecoveryCode,
}

impl Factor {
    /// Returns the name used in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::RecoveryCode => "recoveryCode",
        }
    }

    /// True if Appwrite sends the code. For the others, the user already has it.
    pub fn is_sent(self) -> bool {
        matches!(self, Self::Email | Self::Phone)
    }
}

/// A pending sign-in, as pages show it. The account's id stays on the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingView {
    /// The expected proof.
    pub proof: Proof,
    /// The address or number that received it, as typed by the user; empty if nothing was sent.
    pub address: String,
    /// The security phrase that the email also contains; empty if there is none.
    pub phrase: String,
    /// The time of sending, in seconds since 1970.
    pub sent_at: i64,
    /// The page to open after sign-in; empty for the default.
    pub next: String,
    /// True if the browser keeps the session after it is closed.
    #[serde(default)]
    pub keep: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proof_survives_the_form_field() {
        for proof in [SentProof::MagicLink, SentProof::EmailCode, SentProof::PhoneCode] {
            let read: SentProof = serde_json::from_value(proof.as_str().into()).expect("a proof");
            assert_eq!(read, proof);
        }
    }
}
