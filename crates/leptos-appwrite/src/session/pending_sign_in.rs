//! A sign-in that has begun and waits for a proof: a link, a code, a second factor.

use serde::{Deserialize, Serialize};

/// What the person has to bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// The link in a mail.
    MagicLink,
    /// The code in a mail.
    EmailCode,
    /// The code in a message to a phone.
    PhoneCode,
    /// The code of a second factor.
    SecondFactor(Factor),
}

/// A second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Factor {
    /// An authenticator app.
    Totp,
    /// A code by mail.
    Email,
    /// A code by message.
    Phone,
    /// One of the codes that the person wrote down.
    RecoveryCode,
}

impl Factor {
    /// Its name in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::RecoveryCode => "recoveryCode",
        }
    }

    /// Whether its code is sent to the person, who has those of the others at hand.
    pub fn is_sent(self) -> bool {
        matches!(self, Self::Email | Self::Phone)
    }
}

/// A sign-in under way, as the pages show it. Whose it is stays on the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingView {
    /// What is waited for.
    pub proof: Proof,
    /// Where it was sent: the address or number that the person typed; empty where nothing was sent.
    pub address: String,
    /// Words that stand in the mail too; empty if none do.
    pub phrase: String,
    /// When it was sent, in seconds since 1970.
    pub sent_at: i64,
    /// Where the person wants to go once signed in; empty for nowhere in particular.
    pub next: String,
}
