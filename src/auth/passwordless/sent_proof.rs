//! The kinds of links and codes, with their paths and texts.

use leptos_appwrite::session::methods::SignInMethod;
use leptos_appwrite::session::pending_sign_in::Proof;
use serde::{Deserialize, Serialize};

/// A link or code that we send to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SentProof {
    /// A link by email.
    MagicLink,
    /// A code by email.
    EmailCode,
    /// A code by text message.
    PhoneCode,
}

impl SentProof {
    /// The value of the form field `proof`.
    pub fn field_value(self) -> &'static str {
        match self {
            Self::MagicLink => "magic_link",
            Self::EmailCode => "email_code",
            Self::PhoneCode => "phone_code",
        }
    }

    /// The sign-in method that uses this proof.
    pub fn sign_in_method(self) -> SignInMethod {
        match self {
            Self::MagicLink => SignInMethod::MagicLink,
            Self::EmailCode => SignInMethod::EmailCode,
            Self::PhoneCode => SignInMethod::PhoneCode,
        }
    }

    /// The proof as a pending sign-in stores it.
    pub fn awaited(self) -> Proof {
        match self {
            Self::MagicLink => Proof::MagicLink,
            Self::EmailCode => Proof::EmailCode,
            Self::PhoneCode => Proof::PhoneCode,
        }
    }

    /// Returns true for a code that the user types, false for a link.
    pub fn is_code(self) -> bool {
        self != Self::MagicLink
    }

    /// The path of the page that requests it.
    pub fn ask_page(self) -> &'static str {
        match self {
            Self::MagicLink => "/login/link",
            Self::EmailCode => "/login/code",
            Self::PhoneCode => "/login/phone",
        }
    }

    /// The path of the page that waits for it.
    pub fn sent_page(self) -> &'static str {
        match self {
            Self::MagicLink => "/login/link/sent",
            Self::EmailCode => "/login/code/enter",
            Self::PhoneCode => "/login/phone/enter",
        }
    }

    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::MagicLink => &MAGIC_LINK,
            Self::EmailCode => &EMAIL_CODE,
            Self::PhoneCode => &PHONE_CODE,
        }
    }
}

/// The texts of the pages.
pub(super) struct Words {
    pub ask_heading: &'static str,
    pub promise: &'static str,
    pub ask_button: &'static str,
    pub sent_heading: &'static str,
    pub sent_to: &'static str,
    pub lifetime: &'static str,
    pub look_elsewhere: &'static str,
    pub change: &'static str,
}

const MAGIC_LINK: Words = Words {
    ask_heading: "Get a link by email",
    promise: "We'll email you a sign-in link. No password needed.",
    ask_button: "Send the link",
    sent_heading: "Check your email",
    sent_to: "We sent a sign-in link to ",
    lifetime: "Open it on any device. It works once and expires in an hour.",
    look_elsewhere: "Didn't get it? Check your spam folder, then send it again.",
    change: "Use another address",
};

const EMAIL_CODE: Words = Words {
    ask_heading: "Get a code by email",
    promise: "We'll email you a 6-digit code. No password needed.",
    ask_button: "Send the code",
    sent_heading: "Enter the code from your email",
    sent_to: "We sent a 6-digit code to ",
    lifetime: "It expires in 15 minutes.",
    look_elsewhere: MAGIC_LINK.look_elsewhere,
    change: MAGIC_LINK.change,
};

const PHONE_CODE: Words = Words {
    ask_heading: "Get a code by text message",
    promise: "We'll text you a 6-digit code. No password needed.",
    ask_button: EMAIL_CODE.ask_button,
    sent_heading: "Enter the code from your phone",
    sent_to: EMAIL_CODE.sent_to,
    lifetime: EMAIL_CODE.lifetime,
    look_elsewhere: "Didn't get it? Check the number, then send it again.",
    change: "Use another number",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_s_field_is_read_as_the_proof_that_wrote_it() {
        for proof in [SentProof::MagicLink, SentProof::EmailCode, SentProof::PhoneCode] {
            let read: SentProof = serde_json::from_value(proof.field_value().into()).expect("a proof");
            assert_eq!(read, proof);
        }
    }
}
