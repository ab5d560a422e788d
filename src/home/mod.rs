//! The home page.

use leptos::prelude::*;
use leptos_appwrite::session::{use_is_person_unknown, use_outbox};
use leptos_meta::Title;
use leptos_router::components::A;

use crate::person::use_person;

/// Introduces the app and links to sign-in.
#[component]
pub fn HomePage() -> impl IntoView {
    let next_steps = match use_person() {
        Some(_) => view! { <A href="/birthdays" attr:class="button">"View birthdays"</A> }.into_any(),
        // The server did not look up the session here; it does so for the list.
        None if use_is_person_unknown() => view! {
            <a href="/birthdays" class="button" rel="external">"View birthdays"</a>
        }
        .into_any(),
        None => view! {
            <A href="/signup" attr:class="button">"Create account"</A>
            <A href="/login" attr:class="button button-quiet">"Sign in"</A>
        }
        .into_any(),
    };
    view! {
        <Title text=""/>
        <div class="page">
            <section class="hero">
                <h1>"Sign in with Appwrite, render with Leptos"</h1>
                <p class="lead">
                    "An example app that keeps and shares birthdays: complete pages from the server, live updates, and a session that no \
                     script can read."
                </p>
                <p class="actions">{next_steps}</p>
            </section>
            <ul class="cards" role="list">
                <li class="card">
                    <h2>"The server holds the session"</h2>
                    <p>
                        "It is in a cookie that JavaScript cannot read. The server renders your pages before it sends them."
                    </p>
                </li>
                <li class="card">
                    <h2>"Live updates"</h2>
                    <p>
                        "For live changes, the browser gets a token that opens one connection and expires after a minute."
                    </p>
                </li>
                <li class="card">
                    <h2>"Works without JavaScript"</h2>
                    <p>"Everything except live updates works with JavaScript off, and is faster with it."</p>
                </li>
            </ul>
            <DeveloperSteps/>
        </div>
    }
}

/// The next steps for a developer, shown with the local backend only.
#[component]
fn DeveloperSteps() -> impl IntoView {
    use_outbox().map(|outbox| view! {
        <section class="panel">
            <h2>"You run this with the local backend"</h2>
            <ul>
                <li><a href=outbox rel="external">"Open the outbox"</a>" to read the emails and text messages of this app."</li>
                <li>"Define your tables in " <code>"src/tables.rs"</code> ", and your pages in " <code>"src/routes.rs"</code> "."</li>
                <li>
                    "Read " <code>"README.md"</code> " to start your own app, and " <code>"docs/configuration.md"</code>
                    " to use a real Appwrite."
                </li>
            </ul>
        </section>
    })
}
