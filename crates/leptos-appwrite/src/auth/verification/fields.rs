//! The hidden fields of the form that confirms.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

use super::{ADDRESS, ConfirmEmail};
use crate::auth::mail_link::MailLinkFields;
use crate::components::HiddenField;
use crate::session::mail_link::MailLink;
use crate::session::take_submission;

/// Hidden form fields that send the link, and the hash of the address that it went to.
#[component]
pub fn ConfirmationLinkFields(
    /// The link.
    link: MailLink,
) -> impl IntoView {
    let address = use_query_map()
        .with_untracked(|query| query.get(ADDRESS))
        .or_else(|| take_submission(ConfirmEmail::PATH)?.typed.get(ADDRESS).cloned());
    view! {
        <MailLinkFields link/>
        {address.map(|address| view! { <HiddenField name=ADDRESS value=address/> })}
    }
}
