//! The page of a link from a mail.
//!
//! It only shows a button, as programs that look through mail open links too. The secret goes from the address
//! into a hidden field of the page's form; after a failure without JavaScript, through a sealed cookie into the same field
//! again; and nowhere else.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsValue;
use leptos_appwrite::session::mail_link::{MailLink, SECRET_PARAMETER};
use leptos_appwrite::session::take_submission;
use leptos_meta::Meta;
use leptos_router::hooks::use_query_map;

use crate::components::HiddenField;

/// The link that opened this page, none if it is not whole. In the browser, takes it out of the address bar and the
/// history, which others may see.
///
/// Whoever used it in vain without JavaScript, by the form that is posted to `action`, comes back to an address without
/// it, and finds it all the same.
pub fn use_mail_link(action: &str) -> Option<MailLink> {
    Effect::new(|_| {
        let path = window().location().pathname().unwrap_or_default();
        if let Ok(history) = window().history() {
            // An address bar that cannot be changed keeps a link that is about to be used up.
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
        }
    });
    use_query_map()
        .with_untracked(|query| MailLink::parse(&query.get("userId")?, &query.get(SECRET_PARAMETER)?))
        .or_else(|| take_submission(action)?.link)
}

/// The fields of a form that uses the link.
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

/// The header of these pages forbids every `Referer`, and with it the `Origin` of forms, which browsers without
/// `Sec-Fetch-Site` must send. This lets the browser tell our origin again, and never the address.
#[component]
pub fn FormsTellOrigin() -> impl IntoView {
    view! { <Meta name="referrer" content="strict-origin"/> }
}
