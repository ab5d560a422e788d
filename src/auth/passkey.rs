//! Sign-in with a passkey.

use leptos::prelude::*;
use leptos_appwrite::auth::passkey::{AskPasskey, SignInWithPasskey};
use leptos_appwrite::session::methods::SignInMethod;
use leptos_appwrite::session::use_sign_in_methods;

use crate::components::{
    FormAction, HiddenField, PostForm, SubmitButton, reactive, use_has_passkeys, use_passkey_autofill,
};

const FORM: &str = "sign-in-with-passkey";

/// A button that signs in with a passkey; empty where there are none, and without JavaScript.
#[component]
pub fn PasskeyButton(
    /// Path to open after sign-in.
    next: Option<String>,
    /// The button's text.
    #[prop(default = "Sign in with a passkey")]
    text: &'static str,
    /// The only account that may sign in here.
    #[prop(optional)]
    account: Option<String>,
    /// The choice to stay signed in. Without it, the browser keeps the new session as long as the current one.
    #[prop(optional)]
    keep: Option<RwSignal<bool>>,
    /// True to offer passkeys in the autofill of the page's email field, too.
    #[prop(optional)]
    autofill: bool,
) -> impl IntoView {
    use_sign_in_methods().offers(SignInMethod::Passkey).then(|| {
        let action = FormAction::with_passkey::<SignInWithPasskey, AskPasskey>();
        let has_passkeys = use_has_passkeys();
        if autofill {
            use_passkey_autofill(action, FORM);
        }
        let keep = Signal::derive(move || match keep {
            Some(keep) if keep.get() => "yes".to_owned(),
            Some(_) => String::new(),
            None => "same".to_owned(),
        });
        reactive(move || {
            let (next, account) = (next.clone(), account.clone());
            has_passkeys.get().then(|| {
                view! {
                    <PostForm action id=FORM class="passkey">
                        {next.map(|next| view! { <HiddenField name="next" value=next/> })}
                        {account.map(|account| view! { <HiddenField name="account" value=account/> })}
                        <HiddenField name="keep" value=keep/>
                        <SubmitButton class="button button-quiet">{text}</SubmitButton>
                    </PostForm>
                }
            })
        })
    })
}
