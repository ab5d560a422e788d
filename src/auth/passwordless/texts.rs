//! The texts of the pages for each kind of link and code.

use leptos_appwrite::session::pending_sign_in::SentProof;

/// The texts of the pages for one kind of link or code, and the page that asks for it.
pub struct Texts {
    pub ask_page: &'static str,
    pub ask_heading: &'static str,
    pub promise: &'static str,
    pub ask_button: &'static str,
    pub sent_heading: &'static str,
    pub sent_to: &'static str,
    pub lifetime: &'static str,
    pub look_elsewhere: &'static str,
    pub change: &'static str,
}

/// Returns the texts for this kind of link or code.
pub fn texts(proof: SentProof) -> &'static Texts {
    match proof {
        SentProof::MagicLink => &MAGIC_LINK,
        SentProof::EmailCode => &EMAIL_CODE,
        SentProof::PhoneCode => &PHONE_CODE,
    }
}

const MAGIC_LINK: Texts = Texts {
    ask_page: "/login/link",
    ask_heading: "Get a link by email",
    promise: "We'll email you a sign-in link. No password needed.",
    ask_button: "Send the link",
    sent_heading: "Check your email",
    sent_to: "We sent a sign-in link to ",
    lifetime: "Open it on any device. It works once and expires in an hour.",
    look_elsewhere: "Didn't get it? Check your spam folder, then send it again.",
    change: "Use another address",
};

const EMAIL_CODE: Texts = Texts {
    ask_page: "/login/code",
    ask_heading: "Get a code by email",
    promise: "We'll email you a 6-digit code. No password needed.",
    ask_button: "Send the code",
    sent_heading: "Enter the code from your email",
    sent_to: "We sent a 6-digit code to ",
    lifetime: "It expires in 15 minutes.",
    look_elsewhere: MAGIC_LINK.look_elsewhere,
    change: MAGIC_LINK.change,
};

const PHONE_CODE: Texts = Texts {
    ask_page: "/login/phone",
    ask_heading: "Get a code by text message",
    promise: "We'll text you a 6-digit code. No password needed.",
    ask_button: EMAIL_CODE.ask_button,
    sent_heading: "Enter the code from your phone",
    sent_to: EMAIL_CODE.sent_to,
    lifetime: EMAIL_CODE.lifetime,
    look_elsewhere: "Didn't get it? Check the number, then send it again.",
    change: "Use another number",
};
