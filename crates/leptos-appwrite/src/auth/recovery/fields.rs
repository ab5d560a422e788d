//! The hidden fields of the form for a new password.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

use super::{OWN_ADDRESS, SetNewPassword};
use crate::auth::mail_link::MailLinkFields;
use crate::components::HiddenField;
use crate::session::mail_link::MailLink;
use crate::session::take_submission;

/// Hidden form fields that send the link, and the hashes by which the server refuses a password that equals the
/// account's address.
#[component]
pub fn RecoveryLinkFields(
    /// The link.
    link: MailLink,
) -> impl IntoView {
    let own = use_query_map()
        .with_untracked(|query| query.get(OWN_ADDRESS))
        .or_else(|| take_submission(SetNewPassword::PATH)?.typed.get(OWN_ADDRESS).cloned());
    view! {
        <MailLinkFields link/>
        {own.map(|own| view! { <HiddenField name=OWN_ADDRESS value=own/> })}
    }
}
