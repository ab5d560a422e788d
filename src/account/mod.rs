//! The account page, and a page for each change.

mod avatar;
mod change;
mod confirm_phone;
mod details;
mod devices;
mod email;
mod leaving;
mod name;
mod passkeys;
mod password;
mod phone;
mod providers;
mod row_form;
mod security;
mod verify;

pub use confirm_phone::ConfirmPhonePage;
pub use devices::DevicesPage;
pub use email::EmailPage;
pub use leaving::{DataPage, DeleteAccountPage, GoodbyePage};
pub use name::NamePage;
pub use passkeys::PasskeysPage;
pub use password::PasswordPage;
pub use phone::PhonePage;
pub use providers::ProvidersPage;
pub use security::{
    AuthenticatorPage, RecoveryCodesPage, RemoveAuthenticatorPage, SecurityPage, TurnOffPage, VerifyPage,
};
pub use verify::SignInAgainPage;

use leptos::prelude::*;
use leptos_appwrite::error::AppError;
use leptos_appwrite::json;
use leptos_appwrite::json::Answer;
use leptos_appwrite::realtime::WhileSignedIn;
use leptos_meta::Title;

use self::details::PersonDetails;
use crate::components::Loaded;
use crate::person::Person;

/// Returns the signed-in user, read from Appwrite.
#[server(prefix = "/actions", endpoint = "current_person", output = Answer)]
pub async fn current_person() -> Result<Person, AppError> {
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    request.no_store();
    request.user().await
}

/// Shows the user's account data.
#[component]
pub fn AccountPage(
    /// More sections of the page.
    children: ChildrenFn,
) -> impl IntoView {
    let children = StoredValue::new(children);
    let person = json::resource(|| (), |()| current_person());
    view! {
        <Title text="Your account"/>
        <div class="page page-narrow">
            <h1>"Your account"</h1>
            <WhileSignedIn>
                <Loaded from=person view=|person| view! { <PersonDetails person/> }.into_any()/>
                {children.with_value(|children| children())}
            </WhileSignedIn>
        </div>
    }
}
