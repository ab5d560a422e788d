//! Invisible fields of the forms that change an account.

use leptos::prelude::*;

use crate::components::HiddenField;
use crate::session::use_signed_in_user;

/// A hidden field with the id of the user for whom the page was rendered. The server compares it with the user who is
/// signed in when the form is sent.
#[component]
pub fn AccountField() -> impl IntoView {
    view! { <HiddenField name="account" value=use_signed_in_user().map(|user| user.id).unwrap_or_default()/> }
}

/// An invisible field from which password managers learn whose password the form changes. The server ignores it.
#[component]
pub fn UsernameField(
    /// The account's email address.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    view! {
        <div hidden>
            <input type="text" name="username" autocomplete="username" value=value readonly/>
        </div>
    }
}
