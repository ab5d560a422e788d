//! The hidden fields of the form for a new password.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{OWN_ADDRESS, SetNewPassword};
use crate::auth::mail_link::{LinkParameter, MailLinkFields};
use crate::session::mail_link::MailLink;

/// Hidden form fields that send the link, and the hashes by which the server refuses a password that equals the
/// account's address.
#[component]
pub fn RecoveryLinkFields(
    /// The link.
    link: MailLink,
) -> impl IntoView {
    view! {
        <MailLinkFields link/>
        <LinkParameter action=SetNewPassword::PATH name=OWN_ADDRESS/>
    }
}
