//! The page that a mail's link opens.
//!
//! It shows only a button, because mail scanners open links too. The secret moves from the address to a hidden field;
//! if the form fails without JavaScript, a sealed cookie brings it back to that field.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsValue;
use leptos_appwrite::session::mail_link::{MailLink, SECRET_PARAMETER};
use leptos_appwrite::session::take_submission;
use leptos_meta::Meta;
use leptos_router::hooks::use_query_map;

use crate::components::HiddenField;

/// Returns the link that opened this page, or `None` if it is incomplete. Removes it from the browser's address bar and
/// history, where others could read it.
///
/// After a form posted to `action` fails without JavaScript, takes the link from the submission instead.
pub fn use_mail_link(action: &str) -> Option<MailLink> {
    Effect::new(|_| {
        let path = window().location().pathname().unwrap_or_default();
        if let Ok(history) = window().history() {
            // If this fails, the address bar keeps a link that is about to be used up.
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
        }
    });
    use_query_map()
        .with_untracked(|query| MailLink::parse(&query.get("userId")?, &query.get(SECRET_PARAMETER)?))
        .or_else(|| take_submission(action)?.link)
}

/// Hidden form fields that send the link.
#[component]
pub fn MailLinkFields(
    /// The link.
    link: MailLink,
) -> impl IntoView {
    view! {
        <FormsTellOrigin/>
        <HiddenField name="user_id" value=link.user_id/>
        <HiddenField name="secret" value=link.secret/>
    }
}

/// Restores the `Origin` of forms. These pages forbid every `Referer` and thereby `Origin`, which browsers without
/// `Sec-Fetch-Site` must send. `strict-origin` never sends the path or the query.
#[component]
pub fn FormsTellOrigin() -> impl IntoView {
    view! { <Meta name="referrer" content="strict-origin"/> }
}
