//! The page of a sign-in method that the project has switched off.

use leptos::prelude::*;
use leptos_appwrite::error::AppError;
use leptos_appwrite::session::methods::SignInMethod;
use leptos_appwrite::session::{set_page_status, use_sign_in_methods};
use leptos_meta::Title;
use leptos_router::components::A;

use super::other_methods::OtherSignInMethods;
use super::with_next;
use crate::components::FormAction;
use crate::person::use_person;

/// Shows its children while the site offers `method`, and [`SwitchedOff`] once the server refuses it.
#[component]
pub fn IfOffered(
    /// The sign-in method that the children use.
    method: SignInMethod,
    /// Path to open after sign-in.
    #[prop(optional_no_strip)]
    next: Option<String>,
    /// True once the server has refused a form of the children (see [`was_refused`]).
    #[prop(into)]
    refused: Signal<bool>,
    /// The page.
    children: ChildrenFn,
) -> impl IntoView {
    let is_offered = use_sign_in_methods().offers(method);
    let is_off = Memo::new(move |_| !is_offered || refused.get());
    move || {
        if is_off.get() { view! { <SwitchedOff method next=next.clone()/> }.into_any() } else { children().into_any() }
    }
}

/// Returns true if the server function answered that the project does not allow this method.
pub fn was_refused(action: FormAction) -> Signal<bool> {
    Signal::derive(move || action.is_refused_with(&AppError::MethodUnavailable))
}

/// Says that the site does not offer a method, and lists the others.
#[component]
pub fn SwitchedOff(
    /// The method that is off.
    method: SignInMethod,
    /// Path to open after sign-in.
    #[prop(optional_no_strip)]
    next: Option<String>,
) -> impl IntoView {
    set_page_status(&AppError::MethodUnavailable);
    let heading = heading(method);
    let others = if use_person().is_some() {
        view! { <p class="actions"><A href="/account">"Go to your account"</A></p> }.into_any()
    } else {
        let sign_in = with_next("/login", next.as_deref());
        view! {
            <p class="actions">
                <A href=sign_in exact=true attr:class="button">"Sign in with email and password"</A>
            </p>
            <OtherSignInMethods next except=method/>
        }
        .into_any()
    };
    view! {
        <Title text=heading/>
        <div class="page page-narrow">
            <h1>{heading}</h1>
            <p>"This site doesn't offer this right now."</p>
            {others}
        </div>
    }
}

fn heading(method: SignInMethod) -> &'static str {
    match method {
        SignInMethod::MagicLink => "Sign-in by link is switched off",
        SignInMethod::EmailCode => "Sign-in by email code is switched off",
        SignInMethod::PhoneCode => "Sign-in by text message is switched off",
        SignInMethod::Passkey => "Passkeys are switched off",
        SignInMethod::Guest => "Guest accounts are switched off",
        SignInMethod::Recovery => "Password recovery is switched off",
        SignInMethod::Verification => "Email confirmation is switched off",
    }
}
