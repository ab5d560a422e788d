//! Forms that behave the same with and without JavaScript.
//!
//! With JavaScript, a [`PostForm`] posts its fields and shows the response in place. Without, the browser posts the
//! form; the server stores the typed values and errors for the next page (see `session::flash`), and the same fields
//! show them as a `Submission`. Nothing here is generic: all server functions share one form in the browser's code.

mod action;
#[cfg(not(feature = "ssr"))]
mod browser;
mod ceremony;
mod code;
mod done;
#[cfg(not(feature = "ssr"))]
mod exchange;
mod fields;
mod passkeys;
#[cfg(feature = "ssr")]
mod server;
mod strength;

use std::collections::BTreeMap;

use leptos::context::Provider;
use leptos::either::Either;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{HtmlElement, HtmlFormElement};
use leptos_router::hooks::use_url;

#[cfg(not(feature = "ssr"))]
use browser as side;
#[cfg(feature = "ssr")]
use server as side;

pub use action::FormAction;
pub use code::CodeField;
pub use done::DoneMessage;
use done::done_notice;
pub use fields::{CheckField, Choice, ChoiceField, HiddenField, SubmitButton, TextField};
pub use passkeys::{use_has_passkeys, use_passkey_autofill};

use super::focus::{focus, scroll_to};
use super::notice::{Notice, NoticeKind};
use super::reactive;
use super::words::words;
use crate::effect::effect;
use crate::error::AppError;
use crate::session::mail_link::SECRET_PARAMETER;
use crate::session::submission::MARKED_SECRETS;
use crate::site::{Wording, use_site};

/// The form's state, for its fields.
#[derive(Clone, Copy)]
struct FormState {
    wording: Wording,
    id: StoredValue<String>,
    error: Signal<Option<AppError>>,
    typed: StoredValue<BTreeMap<String, String>>,
    /// True if the form was posted without JavaScript and is shown again.
    is_shown_again: bool,
    is_pending: Signal<bool>,
    /// The value of the button that sent the form; none for a button without one.
    pressed: RwSignal<Option<String>>,
    /// The names of the fields whose values are never stored.
    secrets: StoredValue<Vec<&'static str>>,
}

/// The end of the id of a form's error.
const NOTICE: &str = "notice";

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

/// Returns the error of the form around the calling component.
pub fn use_form_error() -> Signal<Option<AppError>> {
    expect_context::<FormState>().error
}

/// A form that posts to the server function of `action`.
///
/// After an error, shows the problems beside their fields and focuses the first one, or else the message. Keeps the
/// typed values, except secrets.
#[component]
pub fn PostForm(
    /// The server function that the form calls, and its result.
    action: FormAction,
    /// A unique id on the page; the field ids start with it.
    #[prop(into)]
    id: String,
    /// The form's accessible name, if no heading names it.
    #[prop(optional, into)]
    label: Option<String>,
    /// The redirect target after success without JavaScript: a path of this app. Defaults to the form's page.
    #[prop(optional, into)]
    then: Option<String>,
    /// The form's class.
    #[prop(optional)]
    class: &'static str,
    /// The message after success, which disappears after a while.
    #[prop(optional, into)]
    done: Option<DoneMessage>,
    /// A field and its value that distinguish this form from others with the same action on the page.
    #[prop(optional)]
    only_for: Option<(&'static str, String)>,
    /// The path of another server function that some of the form's buttons call.
    #[prop(optional)]
    also: Option<&'static str>,
    /// A link after the error message, which leads to another page.
    #[prop(optional)]
    way_out: Option<fn(&AppError) -> Option<AnyView>>,
    /// The fields and the button.
    children: Children,
) -> impl IntoView {
    let left = crate::session::take_submission(action.path())
        .or_else(|| crate::session::take_submission(also?))
        .filter(|left| only_for.as_ref().is_none_or(|(field, value)| left.typed.get(*field) == Some(value)));
    let was_done = left.as_ref().is_some_and(|left| left.outcome.is_ok());
    let left_error = StoredValue::new(left.as_ref().and_then(|left| left.outcome.clone().err()));
    let done_before = left
        .as_ref()
        .filter(|left| left.outcome.is_ok())
        .and_then(|left| done?.named(|field| left.typed.get(field).cloned()));
    // Typed values return to their fields only if the form failed.
    let left = left.filter(|left| left.outcome.is_err());
    let is_cut = left.as_ref().is_some_and(|left| left.is_cut);
    // This page's own error, once there is an answer; until then, that of the form posted without JavaScript.
    let error = Signal::derive(move || if action.is_unused() { left_error.get_value() } else { action.error.get() });
    let wording = use_site().wording;
    let state = FormState {
        wording,
        id: StoredValue::new(id.clone()),
        error,
        is_shown_again: left.is_some(),
        typed: StoredValue::new(left.map(|left| left.typed).unwrap_or_default()),
        is_pending: Signal::derive(move || action.is_pending()),
        pressed: RwSignal::new(None),
        secrets: StoredValue::default(),
    };
    let url = use_url();
    // A form in the app's layout outlives the page that it was rendered with. Excludes the query of an email link,
    // because its secret must not appear in another URL.
    let page = move || {
        url.with(|url| match url.search() {
            search if search.is_empty() || url.search_params().get(SECRET_PARAMETER).is_some() => url.path().to_owned(),
            search => format!("{}?{search}", url.path()),
        })
    };
    // The response may already have removed the form and its signals.
    effect(move || {
        if let Some(error) = error.try_get().flatten() {
            crate::session::leave_if_signed_out(&error);
            focus_first_problem(state.id);
        }
    });
    let done_named = StoredValue::new(done_before);
    let keep_done_named = move |event: &SubmitEvent| {
        if !action.is_pending.get_untracked() {
            done_named.set_value(done.and_then(|done| done.named(|field| side::value_of(event, field))));
        }
    };
    let is_done = move || match action.answers.try_get() {
        Some(0) => was_done,
        Some(_) => action.error.try_with(Option::is_none) == Some(true),
        None => false,
    };
    effect(move || {
        if done.is_some()
            && action.is_done()
            && let Some(form) = form_element(state.id)
        {
            form.reset();
        }
    });
    view! {
        <Provider value=state>
            <form
                id=id
                class=class
                action=action.path()
                method="post"
                novalidate
                aria-label=label
                on:submit=move |event| {
                    keep_done_named(&event);
                    side::submit(&event, action);
                }
            >
                <HiddenField name="page" value=Signal::derive(page)/>
                {then.map(|then| view! { <HiddenField name="then" value=then/> })}
                {reactive(move || {
                    let is_odd = action.answers.get() % 2 == 1;
                    error.get().map(|error| {
                        let takes_focus = !error.is_of_fields();
                        let text = words((wording.error)(&error));
                        let way_out = way_out.and_then(|way_out| way_out(&error)).map(|link| view! { " " {link} });
                        let id = Some(state.field_id(NOTICE));
                        // The user has closed the browser's dialog.
                        let kind = if error == AppError::PasskeyCancelled { NoticeKind::Warning } else { NoticeKind::Error };
                        let notice = view! { <Notice kind takes_focus id>{text} {way_out}</Notice> };
                        // Screen readers announce the same error again only in another element.
                        if is_odd { Either::Left(notice) } else { Either::Right(notice) }
                    })
                })}
                {reactive(move || {
                    (is_cut && action.is_unused()).then(|| view! {
                        <Notice kind=NoticeKind::Info>{wording.text_cut}</Notice>
                    })
                })}
                {done.map(|done| done_notice(is_done, done, done_named))}
                {children()}
                {reactive(move || {
                    let names = state.secrets.with_value(|names| names.join(" "));
                    (!names.is_empty()).then(|| view! { <HiddenField name=MARKED_SECRETS value=names/> })
                })}
            </form>
        </Provider>
    }
}

/// Returns the element with this id, if it is on the page and of this type.
fn element<T: JsCast>(id: &str) -> Option<T> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Returns the form's element, as long as the form is on the page.
fn form_element(id: StoredValue<String>) -> Option<HtmlFormElement> {
    element(&id.try_get_value()?)
}

/// Focuses the first field with a problem, so that the user can fix it and a screen reader announces it. Without one,
/// focuses the message.
fn focus_first_problem(form: StoredValue<String>) {
    // Waits one frame: by then all effects have run and marked the invalid fields, or the result has removed the form.
    request_animation_frame(move || {
        let Some(form) = form_element(form) else { return };
        let find = |selector: &str| form.query_selector(selector).ok().flatten();
        let target = find("[aria-invalid='true']").or_else(|| find("[role='alert']"));
        let Some(target) = target.and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return };
        focus(&target);
        // The browser does not scroll to a field that already has the focus, nor to the message below a field.
        scroll_to(&target.closest(".field").ok().flatten().unwrap_or_else(|| target.into()));
    });
}
