//! The frame around all pages, and the pages with their paths.

use leptos::prelude::*;
use leptos_appwrite::auth::SignOutForm;
use leptos_appwrite::components::{Notice, NoticeKind, words};
use leptos_appwrite::session::{SignedInUser, provide_visit, use_failure, use_notice, use_user};
use leptos_appwrite::site::use_site;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{A, Router};

use crate::auth::{SignInPage, SignUpPage};
use crate::{board::BoardPage, tables};

leptos_appwrite::routes! {
    fallback => SameForAll, || ();
    "/" => SignedIn, || view! { <BoardPage table=&tables::NOTES/> };
    "/tasks" => SignedIn, || view! { <BoardPage table=&tables::TASKS/> };
    "/login" => SignedOut, SignInPage;
    "/signup" => SignedOut, SignUpPage;
    "/login/factor" => SecondFactor, || view! { "This app asks for no second factor yet." <SignOutForm text="Sign out"/> };
}

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! { <Router><Frame/></Router> }
}

#[component]
fn Frame() -> impl IntoView {
    provide_visit::<SignedInUser>();
    let (failure, notice, text) = (use_failure(), use_notice(), use_site().wording.error);
    view! {
        <Title text="Notes"/>
        <header>
            {use_user::<SignedInUser>().map(|user| view! {
                <nav aria-label="Main"><A href="/">"Notes"</A> <A href="/tasks">"Tasks"</A></nav>
                <span>{user.name}</span>
                <SignOutForm text="Sign out"/>
            })}
        </header>
        <main>
            {move || notice().map(|error| view! { <Notice kind=NoticeKind::Info>{words(text(&error))}</Notice> })}
            {move || match failure.get() {
                Some(error) => view! { <h1>{text(&error)}</h1> <a href="/" rel="external">"Home"</a> }.into_any(),
                None => view! { <Pages/> }.into_any(),
            }}
        </main>
    }
}
