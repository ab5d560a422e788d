//! The account's details, each with a link to change it.

use leptos::prelude::*;
use leptos_appwrite::account::passkeys::list_passkeys;
use leptos_appwrite::account::{PasswordState, read_password_state};
use leptos_appwrite::session::methods::SignInMethod;
use leptos_appwrite::session::use_sign_in_methods;
use leptos_router::components::A;

use super::avatar::Avatar;
use crate::person::Person;

/// Lists the account's data in groups.
#[component]
pub fn PersonDetails(
    /// The signed-in user.
    person: Person,
) -> impl IntoView {
    let (is_guest, display_name) = (person.is_guest(), person.display_name().to_owned());
    let has_phone = !person.phone.is_empty() || (!is_guest && use_sign_in_methods().offers(SignInMethod::PhoneCode));
    let offers_providers = !use_sign_in_methods().providers.is_empty();
    let email_state = match (person.email.is_empty(), person.email_verified) {
        (true, _) => None,
        (false, true) => Some("Confirmed"),
        (false, false) => Some("Not confirmed"),
    };
    let phone_state = match (person.phone.is_empty(), person.phone_verified) {
        (true, _) => None,
        (false, true) => Some("Confirmed"),
        (false, false) => Some("Not confirmed"),
    };
    view! {
        <section class="account-part" aria-labelledby="profile">
            <h2 id="profile">"Profile"</h2>
            <dl class="details">
                <Detail label="Name" value=person.name page="/account/name" change="name">
                    <Avatar name=display_name/>
                </Detail>
                {(!is_guest).then(|| view! {
                    <Detail label="Email" value=person.email state=email_state page="/account/email" change="email"/>
                })}
                {has_phone.then(|| view! {
                    <Detail
                        label="Phone number"
                        value=person.phone
                        state=phone_state
                        page="/account/phone"
                        change="phone number"
                    />
                })}
            </dl>
        </section>
        <section class="account-part" aria-labelledby="security">
            <h2 id="security">"Security"</h2>
            <dl class="details">
                {(!is_guest).then(|| view! { <PasswordRow/> })}
                {(!is_guest && use_sign_in_methods().offers(SignInMethod::Passkey)).then(|| view! { <PasskeysRow/> })}
                <Settings label="Two-step verification" page="/account/security"/>
                <Settings label="Devices" page="/account/devices"/>
                {offers_providers.then(|| view! { <Settings label="Linked services" page="/account/services"/> })}
            </dl>
        </section>
        <section class="account-part" aria-labelledby="data">
            <h2 id="data">"Your data"</h2>
            <dl class="details">
                <Settings label="Download or delete your data" page="/account/data"/>
            </dl>
        </section>
    }
}

/// One row: label, value, and a link to its page.
#[component]
fn Detail(
    label: &'static str,
    /// The value; empty if the account has none.
    #[prop(into)]
    value: String,
    /// A note about the value.
    #[prop(optional_no_strip)]
    state: Option<&'static str>,
    /// The page that changes it.
    page: &'static str,
    /// The name of the changed value, for screen readers.
    change: &'static str,
    /// The link's text if there is a value.
    #[prop(default = "Change")]
    verb: &'static str,
    /// A picture before the value.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let verb = if value.is_empty() { "Add" } else { verb };
    let value = match value.is_empty() {
        true => view! { <span class="quiet">"Not set"</span> }.into_any(),
        false => view! { <span>{value}</span> }.into_any(),
    };
    view! {
        <div>
            <dt>{label}</dt>
            <dd class="detail-value">
                {children.map(|children| children())}
                {value}
                {state.map(|state| view! { <span class="tag">{state}</span> })}
            </dd>
            <dd class="detail-link">
                <A href=page>{verb} <span class="visually-hidden">" " {change}</span></A>
            </dd>
        </div>
    }
}

/// Says if a password is missing, with a link to set or change it.
#[component]
fn PasswordRow() -> impl IntoView {
    let state = Resource::new(|| (), |()| read_password_state());
    let settings = || view! { <Settings label="Password" page="/account/password"/> };
    view! {
        <Suspense fallback=settings>
            {move || Suspend::new(async move {
                match state.await {
                    Ok(PasswordState::NeverSet | PasswordState::Removed) => {
                        view! { <Detail label="Password" value="" page="/account/password" change="password"/> }.into_any()
                    }
                    // The password's page shows the error.
                    Ok(PasswordState::Set) | Err(_) => settings().into_any(),
                }
            })}
        </Suspense>
    }
}

/// The number of passkeys, with a link to add the first one.
#[component]
fn PasskeysRow() -> impl IntoView {
    let passkeys = Resource::new(|| (), |()| list_passkeys());
    let row = |count: Option<usize>| {
        let value = match count {
            None | Some(0) => String::new(),
            Some(1) => "1 passkey".into(),
            Some(more) => format!("{more} passkeys"),
        };
        view! { <Detail label="Passkeys" value page="/account/passkeys" change="passkeys" verb="Manage"/> }
    };
    view! {
        <Suspense fallback=move || view! { <Settings label="Passkeys" page="/account/passkeys"/> }>
            {move || Suspend::new(async move {
                // The passkeys page shows the error.
                row(passkeys.await.ok().map(|passkeys| passkeys.len()))
            })}
        </Suspense>
    }
}

/// One row that only leads to a page with more.
#[component]
fn Settings(
    label: &'static str,
    /// The page.
    page: &'static str,
) -> impl IntoView {
    view! {
        <div>
            <dt>{label}</dt>
            <dd class="detail-link"><A href=page>"Manage" <span class="visually-hidden">" " {label}</span></A></dd>
        </div>
    }
}
