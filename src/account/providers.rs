//! The page with the providers that sign in to the account.

use leptos::prelude::*;
use leptos_appwrite::account::providers::{LinkedProvider, UnlinkProvider, list_linked_providers};
use leptos_appwrite::realtime::WhileSignedIn;
use leptos_appwrite::session::use_sign_in_methods;
use leptos_meta::Title;
use leptos_router::components::A;

use super::row_form::RowForm;
use crate::components::{FormAction, Loaded, Moment, SubmitButton};

/// Lists the linked services, and unlinks them.
#[component]
pub fn ProvidersPage() -> impl IntoView {
    let linked = Resource::new(|| (), |()| list_linked_providers());
    let names: Vec<_> = use_sign_in_methods().providers.into_iter().map(|provider| provider.name).collect();
    view! {
        <Title text="Linked services"/>
        <div class="page page-narrow">
            <h1>"Linked services"</h1>
            <p>"You can sign in to your account with these services."</p>
            <WhileSignedIn>
                <Loaded from=linked view=|linked| view! { <Linked linked/> }.into_any()/>
            </WhileSignedIn>
            <p>
                "Sign in with a service that has the same verified email, and it's linked automatically. "
                {(!names.is_empty()).then(|| format!("To link {}, sign out and sign in with it.", names.join(" or ")))}
            </p>
            <p><A href="/account" exact=true>"Back to your account"</A></p>
        </div>
    }
}

#[component]
fn Linked(linked: Vec<LinkedProvider>) -> impl IntoView {
    if linked.is_empty() {
        return view! { <p class="quiet">"No service is linked."</p> }.into_any();
    }
    let items = linked.into_iter().map(|linked| view! { <Item linked/> }).collect_view();
    view! { <ul class="rows" aria-label="Linked services">{items}</ul> }.into_any()
}

#[component]
fn Item(linked: LinkedProvider) -> impl IntoView {
    let LinkedProvider { id, name, email, since } = linked;
    view! {
        <li class="row">
            <div class="row-text">
                <span class="row-name">{name.clone()}</span>
                <span class="row-facts"><span>{email}</span></span>
                {since.map(|at| view! { <span class="row-facts"><span>"Linked " <Moment seconds=at/></span></span> })}
            </div>
            <Unlink id name/>
        </li>
    }
}

/// Asks for confirmation, and unlinks the service.
#[component]
fn Unlink(id: String, name: String) -> impl IntoView {
    let action = FormAction::of::<UnlinkProvider>();
    view! {
        <RowForm action form="unlink" id name=name.clone() text="Unlink">
            <p>{format!("Signing in with {name} and the same verified email links it again.")}</p>
            <SubmitButton class="button button-danger button-small" label=format!("Yes, unlink {name}")>
                "Yes, unlink"
            </SubmitButton>
        </RowForm>
    }
}
