//! The frame of the pages that change one of the user's own birthdays.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;
use leptos_appwrite::effect::effect;
use leptos_appwrite::error::AppError;
use leptos_appwrite::json;
use leptos_appwrite::realtime::WhileSignedIn;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;
use maud::{Markup, html};

use super::actions::get_birthday;
use super::model::Birthday;
use super::page_of_list::use_list_address;
use crate::components::{Failure, FormAction, Loaded, Text, reactive};

const NOT_FOUND: &str = "This birthday doesn't exist or isn't shared with you.";

/// Loads the birthday that the path names, and shows `form` for it. If the birthday is gone when the form is sent,
/// shows only a link back.
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
    let birthday = json::resource(id, get_birthday);
    let is_gone = Memo::new(move |_| action.is_refused_with(&AppError::NotFound));
    effect(move || {
        if is_gone.get() {
            leave_focus();
        }
    });
    view! {
        <Title text=title/>
        <div class="page page-narrow">
            <h1>{title}</h1>
            <WhileSignedIn>
                {reactive(move || is_gone.get().then(|| view! { <Failure error=AppError::NotFound not_found=Some(NOT_FOUND)/> {back()} }))}
                // Hides the form instead of removing it: its effects still have to run for this response.
                <div class="birthday" hidden=move || is_gone.get()>
                    <Loaded from=birthday view=move |birthday| form(birthday, action) not_found=NOT_FOUND below_error=back/>
                </div>
            </WhileSignedIn>
        </div>
    }
}

/// Moves the focus away from a hidden button, so that the error gets it.
fn leave_focus() {
    let focused = document().active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(focused) = focused {
        // Fails only for an element that is being removed.
        let _ = focused.blur();
    }
}

/// Returns the date in the reader's language, which is marked as such for screen readers.
pub(super) fn date_in_words(birthday: &Birthday) -> Markup {
    html! { time datetime=(Text(&birthday.date)) lang=(Text(&birthday.language)) dir="auto" { (Text(&birthday.date_in_words)) } }
}

/// A link back to the list, for a birthday that cannot be shown.
fn back() -> AnyView {
    view! { <p class="actions"><A href=use_list_address() exact=true>"Back to birthdays"</A></p> }.into_any()
}
