//! A minimal app for this crate's tests.

use appwrite_client::User;
use leptos::prelude::*;
use leptos_router::components::Router;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::error::AppError;
use crate::session::use_failure;
use crate::site::{Paths, Site, Wording};
use crate::tables::Table;

crate::routes! {
    fallback => SameForAll, || "";
    "/" => Anyone, || view! { <h1>"Home"</h1> };
    "/login" => SignedOut, || "";
    "/login/factor" => SecondFactor, || "";
    "/account" => SignedIn, || "";
}

pub(crate) static SITE: Site = Site {
    root: || view! { <Router><Root/></Router> }.into_any(),
    head: || ().into_any(),
    guards: GUARDS,
    parts: PARTS,
    tables: &[BIRTHDAYS],
    offers_sign_up: true,
    visitor_pages: &["/login"],
    paths: Paths::DEFAULT,
    wording: WORDING,
};

pub(crate) const BIRTHDAYS: Table =
    Table { id: "birthdays", name: "Birthdays", columns: &[], indexes: &[], permissions: &[], row_security: true };

pub(crate) const WORDING: Wording = Wording {
    lang: "en",
    error: |error| if *error == AppError::NotFound { "Page not found".into() } else { format!("{error}") },
    heading: |_| "Sorry".into(),
    problem: |problem, _| format!("{problem:?}"),
    success: |success| Some(format!("{success:?}")),
    password_strength: |strength| format!("{strength:?}"),
    connection: |state| [format!("{state:?}"), String::new()],
    end_reason: |reason| format!("{reason:?}"),
    also_here: |names| names.join(", "),
    alone_here: "",
    sign_in_again: "Sign in",
    text_cut: "",
    too_many_cookies: ["", ""],
    wrong_address: ["", ""],
    one_moment: "Wait",
    continue_link: "Continue",
    request_id: "Request",
    home_link: "Home",
    show: "Show",
    hide: "Hide",
};

/// The configuration of an app with an Appwrite that no test calls.
pub(crate) fn config() -> Config {
    let config = Config::from_env(|name| match name {
        "APPWRITE_ENDPOINT" => Some("http://127.0.0.1:9/v1".into()),
        "APPWRITE_PROJECT_ID" => Some("demo".into()),
        "APPWRITE_API_KEY" => Some("key".into()),
        _ => None,
    });
    config.expect("a good environment")
}

/// The pages' view of a user.
#[derive(Clone, Serialize, Deserialize)]
struct UserId(String);

impl From<User> for UserId {
    fn from(user: User) -> Self {
        Self(user.id)
    }
}

#[component]
fn Root() -> impl IntoView {
    crate::session::provide_visit::<UserId>();
    let failure = use_failure();
    move || match failure.get() {
        Some(error) => view! { <p>{(WORDING.error)(&error)}</p> }.into_any(),
        None => view! { <Pages/> }.into_any(),
    }
}
