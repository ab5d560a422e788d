//! The frame of the pages that change one of the user's own birthdays.

use leptos::prelude::*;
use leptos_appwrite::error::AppError;
use leptos_appwrite::realtime::WhileSignedIn;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;

use super::actions::get_birthday;
use super::model::Birthday;
use super::page_of_list::use_list_address;
use crate::components::{Failure, FormAction, Loaded, words};

/// Loads the birthday that the path names, and shows `form` for it. If the birthday is gone by the time that the form is sent,
/// leaves only the way back.
#[component]
pub fn OwnBirthdayPage(
    /// The page's title and heading.
    title: &'static str,
    /// The server function that the form calls.
    action: FormAction,
    /// The content.
    form: fn(Birthday, FormAction) -> AnyView,
) -> impl IntoView {
    let params = use_params_map();
    let id = move || params.with(|params| params.get("id").unwrap_or_default());
    let birthday = Resource::new(id, get_birthday);
    let is_gone = Memo::new(move |_| action.is_refused_with(&AppError::NotFound));
    view! {
        <Title text=title/>
        <div class="page page-narrow">
            <h1>{title}</h1>
            <WhileSignedIn>
                {move || match is_gone.get() {
                    true => view! { <Failure error=AppError::NotFound/> {back()} }.into_any(),
                    false => {
                        let view = move |birthday| form(birthday, action);
                        view! { <Loaded from=birthday view below_error=back/> }.into_any()
                    }
                }}
            </WhileSignedIn>
        </div>
    }
}

/// The date in the reader's language, which is marked as such for screen readers.
#[component]
pub(super) fn DateInWords(birthday: Birthday) -> impl IntoView {
    let Birthday { date, date_in_words, language, .. } = birthday;
    view! { <time datetime=date lang=language dir="auto">{words(date_in_words)}</time> }
}

/// The way back from a birthday that cannot be shown.
fn back() -> AnyView {
    view! { <p class="actions"><A href=use_list_address() exact=true>"Back to birthdays"</A></p> }.into_any()
}
