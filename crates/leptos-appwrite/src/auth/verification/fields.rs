//! The hidden fields of the form that confirms.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{ADDRESS, ConfirmEmail};
use crate::auth::mail_link::{LinkParameter, MailLinkFields};
use crate::session::mail_link::MailLink;

/// Hidden form fields that send the link, and the hash of the address that it went to.
#[component]
pub fn ConfirmationLinkFields(
    /// The link.
    link: MailLink,
) -> impl IntoView {
    view! {
        <MailLinkFields link/>
        <LinkParameter action=ConfirmEmail::PATH name=ADDRESS/>
    }
}
