//! The account page.

mod devices;
mod security;

pub use devices::DevicesPage;
pub use security::{
    AuthenticatorPage, RecoveryCodesPage, RemoveAuthenticatorPage, SecurityPage, TurnOffPage, VerifyPage,
};

use leptos::prelude::*;
use leptos_appwrite::error::AppError;
use leptos_appwrite::realtime::WhileSignedIn;
use leptos_appwrite::session::leave_if_signed_out;
use leptos_meta::Title;
use leptos_router::components::A;

use crate::components::Failure;
use crate::person::Person;

/// Returns the signed-in user, read from Appwrite.
#[server(prefix = "/actions", endpoint = "current_person")]
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
    let person = Resource::new(|| (), |()| current_person());
    Effect::new(move |_| {
        if let Some(Err(error)) = person.get() {
            leave_if_signed_out(&error);
        }
    });
    view! {
        <Title text="Your account"/>
        <div class="page page-narrow">
            <h1>"Your account"</h1>
            <WhileSignedIn>
                <Suspense fallback=|| view! { <p class="quiet">"Loading…"</p> }>
                    {move || Suspend::new(async move {
                        match person.await {
                            Ok(person) => view! { <PersonDetails person/> }.into_any(),
                            Err(error) => view! { <Failure error/> }.into_any(),
                        }
                    })}
                </Suspense>
                <ul class="links">
                    <li><A href="/account/devices">"Devices"</A></li>
                    <li><A href="/account/security">"Security"</A></li>
                </ul>
                {children.with_value(|children| children())}
            </WhileSignedIn>
        </div>
    }
}

#[component]
fn PersonDetails(person: Person) -> impl IntoView {
    let details = [("Name", person.name), ("Email", person.email), ("Phone number", person.phone)];
    let details: Vec<_> = details.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    if details.is_empty() {
        return view! { <p>"This account has no name, email or phone number yet."</p> }.into_any();
    }
    let rows =
        details.into_iter().map(|(label, value)| view! { <div><dt>{label}</dt> <dd>{value}</dd></div> }).collect_view();
    view! { <dl class="details">{rows}</dl> }.into_any()
}
