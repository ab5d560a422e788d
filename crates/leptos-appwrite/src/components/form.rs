//! Forms that behave alike with and without JavaScript.
//!
//! With JavaScript, a [`PostForm`] posts its own fields and shows the answer in place. Without, the browser posts the form, the
//! server keeps what was typed and what was wrong with it for the page that is rendered next (see `session::flash`), and the
//! same fields show it as a `Submission`. Nothing here is generic: the browser's code has one form, whatever the number of
//! server functions.

mod action;
#[cfg(not(feature = "ssr"))]
mod browser;
mod fields;
#[cfg(feature = "ssr")]
mod server;

use std::collections::BTreeMap;

use leptos::context::Provider;
use leptos::prelude::*;
use leptos_router::hooks::use_url;

#[cfg(not(feature = "ssr"))]
use browser as side;
#[cfg(feature = "ssr")]
use server as side;

pub use action::FormAction;
pub use fields::{CheckField, Choice, ChoiceField, HiddenField, SubmitButton, TextField};

use super::notice::{Notice, Tone};
use super::words::words;
use crate::error::AppError;
use crate::session::mail_link::SECRET_PARAMETER;
use crate::session::submission::MARKED_SECRETS;
use crate::site::{Wording, use_site};

/// What the fields inside a form need to know of it.
#[derive(Clone, Copy)]
struct FormState {
    wording: Wording,
    id: StoredValue<String>,
    error: Signal<Option<AppError>>,
    typed: StoredValue<BTreeMap<String, String>>,
    is_pending: Signal<bool>,
    /// The names of the fields whose values are never kept.
    secrets: StoredValue<Vec<&'static str>>,
}

impl FormState {
    fn field_id(&self, name: &str) -> String {
        self.id.with_value(|form| format!("{form}-{name}"))
    }

    fn typed(&self, name: &str) -> Option<String> {
        self.typed.with_value(|typed| typed.get(name).cloned())
    }

    fn problem(&self, name: &str, label: &str) -> Option<String> {
        let problem = self.error.with(|error| error.as_ref()?.problem(name))?;
        Some((self.wording.problem)(problem, Some(label)))
    }
}

/// A form that is posted to the server function of `action`.
///
/// After an error it says what is wrong, beside the field where that is known, and moves the focus there. What was typed
/// stays, but for secrets.
#[component]
pub fn PostForm(
    /// The server function that the form calls, and what it answers.
    action: FormAction,
    /// An id that is unique on the page; the ids of the fields begin with it.
    #[prop(into)]
    id: String,
    /// The form's accessible name, where no heading gives it.
    #[prop(optional, into)]
    label: Option<String>,
    /// Where to go when it worked and JavaScript is off, if not to the page with the form: a path of our own.
    #[prop(optional, into)]
    then: Option<String>,
    /// A class for the form.
    #[prop(optional)]
    class: &'static str,
    /// What to say when it worked.
    #[prop(optional, into)]
    done: Option<String>,
    /// A field and its value that tell this form from others on the page with the same action.
    #[prop(optional)]
    only_for: Option<(&'static str, String)>,
    /// The fields and the button.
    children: Children,
) -> impl IntoView {
    let left = crate::session::take_submission(action.path())
        .filter(|left| only_for.as_ref().is_none_or(|(field, value)| left.typed.get(*field) == Some(value)));
    let left_outcome = StoredValue::new(left.as_ref().map(|left| left.outcome.clone()));
    let is_cut = left.as_ref().is_some_and(|left| left.is_cut);
    // The answer of this page's own call, once there is one; until then what a form without JavaScript left behind.
    let outcome = Signal::derive(move || if action.is_unused() { left_outcome.get_value() } else { action.answer() });
    let error = Signal::derive(move || outcome.get().and_then(Result::err));
    let wording = use_site().wording;
    let state = FormState {
        wording,
        id: StoredValue::new(id.clone()),
        error,
        typed: StoredValue::new(left.map(|left| left.typed).unwrap_or_default()),
        is_pending: Signal::derive(move || action.is_pending()),
        secrets: StoredValue::default(),
    };
    let form = NodeRef::<leptos::html::Form>::new();
    let url = use_url();
    // A form in the frame of the pages outlives the page that it was rendered with. What a mail's link has in its query
    // goes into no other address.
    let page = move || {
        url.with(|url| match url.search() {
            search if search.is_empty() || url.search_params().get(SECRET_PARAMETER).is_some() => url.path().to_owned(),
            search => format!("{}?{search}", url.path()),
        })
    };
    Effect::new(move |_| {
        if let Some(error) = error.get() {
            crate::session::leave_if_signed_out(&error);
            focus_first_problem(form);
        }
    });
    let is_done = done.is_some();
    Effect::new(move |_| {
        if is_done
            && action.is_done()
            && let Some(form) = form.get()
        {
            form.reset();
        }
    });
    let done = StoredValue::new(done);
    view! {
        <Provider value=state>
            <form
                node_ref=form
                id=id
                class=class
                action=action.path()
                method="post"
                novalidate
                aria-label=label
                on:submit=move |event| side::submit(&event, action)
            >
                <HiddenField name="page" value=Signal::derive(page)/>
                {then.map(|then| view! { <HiddenField name="then" value=then/> })}
                {move || {
                    error.get().map(|error| view! { <Notice tone=Tone::Bad>{words((wording.error)(&error))}</Notice> })
                }}
                {move || {
                    (is_cut && action.is_unused()).then(|| view! {
                        <Notice tone=Tone::Neutral>{wording.text_cut}</Notice>
                    })
                }}
                {move || {
                    matches!(outcome.get(), Some(Ok(())))
                        .then(|| done.get_value())
                        .flatten()
                        .map(|done| view! { <Notice tone=Tone::Good>{words(done)}</Notice> })
                }}
                {children()}
                {move || {
                    let names = state.secrets.with_value(|names| names.join(" "));
                    (!names.is_empty()).then(|| view! { <HiddenField name=MARKED_SECRETS value=names/> })
                }}
            </form>
        </Provider>
    }
}

/// Moves the focus to the first field with a problem, so that the person can mend it and a screen reader reads it out.
fn focus_first_problem(form: NodeRef<leptos::html::Form>) {
    // The fields turn invalid in effects of their own; one frame later they all have, or the answer has taken the form away.
    request_animation_frame(move || {
        let Some(form) = form.try_get_untracked().flatten() else { return };
        if let Ok(Some(field)) = form.query_selector("[aria-invalid='true']") {
            use leptos::wasm_bindgen::JsCast;
            if let Some(field) = field.dyn_ref::<leptos::web_sys::HtmlElement>() {
                // A field that cannot take the focus is no reason to fail: the message stands beside it all the same.
                let _ = field.focus();
            }
        }
    });
}
