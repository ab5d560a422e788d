//! The form of a page that a link in an email opens.
//!
//! The page shows only a button, because mail scanners open links too. The secret moves from the address to a hidden
//! field; if the form fails without JavaScript, a sealed cookie brings it back to that field.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsValue;
use leptos_meta::Meta;
use leptos_router::hooks::use_query_map;

use crate::components::{FormAction, HiddenField};
use crate::error::AppError;
use crate::session::mail_link::{MailLink, SECRET_PARAMETER};
use crate::session::take_submission;

/// The query parameter of the link, and the field of the form, with the keyed hash of the address that the link was sent to.
pub(super) const ADDRESS: &str = "address";

/// Returns the link that opened this page, or none if it is incomplete. Removes it from the browser's address bar and
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

/// True once the server has refused the link that the form of `action` sent.
pub fn use_is_link_refused(action: FormAction) -> Memo<bool> {
    let refused_before = take_submission(action.path()).is_some_and(|left| left.outcome == Err(AppError::LinkInvalid));
    Memo::new(move |_| if action.is_unused() { refused_before } else { action.is_refused_with(&AppError::LinkInvalid) })
}

/// Hidden form fields that send the link, and the hash of the address that it was sent to.
#[component]
pub fn MailLinkFields(
    /// The link.
    link: MailLink,
    /// The form's server function.
    action: FormAction,
) -> impl IntoView {
    let address = use_query_map()
        .with_untracked(|query| query.get(ADDRESS))
        .or_else(|| take_submission(action.path())?.typed.get(ADDRESS).cloned());
    view! {
        <SendFormOrigin/>
        <HiddenField name="user_id" value=link.user_id/>
        <HiddenField name="secret" value=link.secret/>
        {address.map(|address| view! { <HiddenField name=ADDRESS value=address/> })}
    }
}

/// Restores the header `Origin` of the page's forms. The pages of links forbid every `Referer`, and browsers then also
/// omit `Origin`, which they must send if they lack `Sec-Fetch-Site`. `strict-origin` never sends the path or the
/// query.
#[component]
pub fn SendFormOrigin() -> impl IntoView {
    view! { <Meta name="referrer" content="strict-origin"/> }
}
