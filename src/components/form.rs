//! Forms that behave alike with and without JavaScript.
//!
//! With JavaScript, a [`PostForm`] calls its server function and shows the answer in place. Without, the browser posts
//! the form, the server keeps what was typed and what was wrong with it for the page that is rendered next (see
//! `session::flash`), and the same fields show it as a [`Submission`].
//!
//! Each input is the last child of an element of its own: password managers put nodes beside inputs, and only there do
//! they not get into the way of hydration.

use std::collections::BTreeMap;

use leptos::context::Provider;
use leptos::ev::SubmitEvent;
use leptos::form::FromFormData;
use leptos::prelude::*;
use leptos::server_fn::client::Client;
use leptos::server_fn::codec::PostUrl;
use leptos::server_fn::request::ClientReq;
use leptos::server_fn::{Http, ServerFn};
use leptos::web_sys::FormData;
use leptos_router::hooks::use_url;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::notice::{Notice, Tone};
use super::words::words;
use crate::auth::mail_link::{MailLink, SECRET_PARAMETER};
use crate::error::AppError;

/// The fields whose values are sent and never kept. Every field for a password or a code has one of these names.
pub const SECRET_FIELDS: [&str; 3] = ["password", "secret", "code"];

/// What a form that was posted without JavaScript left for the page that is rendered next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// The path of the server function that the form was posted to.
    pub action: String,
    /// What came of it.
    pub outcome: Result<(), AppError>,
    /// What was typed, by the fields' names; secrets are never in it.
    pub typed: BTreeMap<String, String>,
    /// Whether some of what was typed was too long to be kept.
    pub is_cut: bool,
    /// The link from a mail that the form used in vain and that is still good. No address shall hold its secret, so its
    /// page has it from here.
    pub link: Option<MailLink>,
}

/// What the fields inside a form need to know of it.
#[derive(Clone, Copy)]
struct FormState {
    id: StoredValue<String>,
    error: Signal<Option<AppError>>,
    typed: StoredValue<BTreeMap<String, String>>,
    is_pending: Signal<bool>,
}

impl FormState {
    fn field_id(&self, name: &str) -> String {
        self.id.with_value(|form| format!("{form}-{name}"))
    }

    fn typed(&self, name: &str) -> Option<String> {
        self.typed.with_value(|typed| typed.get(name).cloned())
    }

    fn problem(&self, name: &str, label: &str) -> Option<String> {
        Some(match self.error.with(|error| error.as_ref()?.problem(name))? {
            crate::error::Problem::Missing => format!("{label} is required."),
            problem => problem.sentence(),
        })
    }
}

/// A form that is posted to the server function of `action`.
///
/// After an error it says what is wrong, beside the field where that is known, and moves the focus there. What was typed
/// stays, but for secrets.
#[component]
pub fn PostForm<S, Output>(
    /// The action that the form dispatches.
    action: ServerAction<S>,
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
) -> impl IntoView
where
    S: DeserializeOwned + ServerFn<Protocol = Http<PostUrl, Output>, Error = AppError> + Clone + Send + Sync + 'static,
    <<S::Client as Client<AppError>>::Request as ClientReq<AppError>>::FormData: From<FormData>,
    S::Output: Send + Sync + 'static,
    S::Client: Client<AppError>,
{
    let left = crate::session::take_submission(S::PATH)
        .filter(|left| only_for.as_ref().is_none_or(|(field, value)| left.typed.get(*field) == Some(value)));
    let left_outcome = StoredValue::new(left.as_ref().map(|left| left.outcome.clone()));
    let is_cut = left.as_ref().is_some_and(|left| left.is_cut);
    // The answer of this page's own call, once there is one; until then what a form without JavaScript left behind.
    // (The action's first value may come from the query string, which anyone can write: it does not count.)
    let outcome = Signal::derive(move || {
        if action.version().get() == 0 {
            left_outcome.get_value()
        } else if action.pending().get() {
            None
        } else {
            action.value().with(|value| value.as_ref().map(|value| value.as_ref().map(drop).map_err(Clone::clone)))
        }
    });
    let error = Signal::derive(move || outcome.get().and_then(Result::err));
    let state = FormState {
        id: StoredValue::new(id.clone()),
        error,
        typed: StoredValue::new(left.map(|left| left.typed).unwrap_or_default()),
        is_pending: action.pending().into(),
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
            && action.version().get() > 0
            && matches!(outcome.get(), Some(Ok(())))
            && let Some(form) = form.get()
        {
            form.reset();
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if action.pending().get_untracked() {
            return;
        }
        match S::from_event(&event) {
            Ok(input) => {
                action.dispatch(input);
            }
            Err(_) => {
                action.value().set(Some(Err(AppError::BadRequest)));
                action.version().update(|version| *version += 1);
            }
        }
    };
    let done = StoredValue::new(done);
    view! {
        <Provider value=state>
            <form
                node_ref=form
                id=id
                class=class
                action=S::url()
                method="post"
                novalidate
                aria-label=label
                on:submit=submit
            >
                <HiddenField name="page" value=Signal::derive(page)/>
                {then.map(|then| view! { <HiddenField name="then" value=then/> })}
                {move || {
                    error.get().map(|error| view! { <Notice tone=Tone::Bad>{words(error.sentence())}</Notice> })
                }}
                {move || {
                    (is_cut && action.version().get() == 0).then(|| view! {
                        <Notice tone=Tone::Neutral>"Some of your text was too long to save. Please enter it again."</Notice>
                    })
                }}
                {move || {
                    matches!(outcome.get(), Some(Ok(())))
                        .then(|| done.get_value())
                        .flatten()
                        .map(|done| view! { <Notice tone=Tone::Good>{words(done)}</Notice> })
                }}
                {children()}
            </form>
        </Provider>
    }
}

/// Moves the focus to the first field with a problem, so that the person can mend it and a screen reader reads it out.
fn focus_first_problem(form: NodeRef<leptos::html::Form>) {
    // The fields turn invalid in effects of their own; one frame later they all have.
    request_animation_frame(move || {
        let Some(form) = form.get_untracked() else { return };
        if let Ok(Some(field)) = form.query_selector("[aria-invalid='true']") {
            use leptos::wasm_bindgen::JsCast;
            if let Some(field) = field.dyn_ref::<leptos::web_sys::HtmlElement>() {
                // A field that cannot take the focus is no reason to fail: the message stands beside it all the same.
                let _ = field.focus();
            }
        }
    });
}

/// A value that the form sends along.
#[component]
pub fn HiddenField(
    /// The field's name in the form.
    name: &'static str,
    /// What is sent.
    #[prop(into)]
    value: Signal<String>,
) -> impl IntoView {
    view! {
        <div hidden>
            <input type="hidden" name=name value=move || value.get()/>
        </div>
    }
}

/// A labeled field for one line of text.
#[component]
pub fn TextField(
    /// The field's name in the form.
    name: &'static str,
    /// Its label.
    label: &'static str,
    /// The `type` of the input.
    #[prop(default = "text")]
    kind: &'static str,
    /// What the browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What stands in the field at first.
    #[prop(optional, into)]
    value: String,
    /// A line below the label that says what to enter.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// The keyboard that a phone shows, where the kind does not say it.
    #[prop(optional)]
    input_mode: Option<&'static str>,
    /// The most characters that the field takes.
    #[prop(optional)]
    max_length: Option<usize>,
) -> impl IntoView {
    let is_secret = kind == "password" || autocomplete == "one-time-code";
    debug_assert!(!is_secret || SECRET_FIELDS.contains(&name), "{name} would be kept");
    let form = expect_context::<FormState>();
    let id = form.field_id(name);
    let error_id = format!("{id}-error");
    let hint_id = hint.map(|_| format!("{id}-hint"));
    let value = form.typed(name).unwrap_or(value);
    let problem = Signal::derive(move || form.problem(name, label));
    let had_problem = problem.with_untracked(Option::is_some);
    let described_by = {
        let (error_id, hint_id) = (error_id.clone(), hint_id.clone());
        move || {
            let error = problem.with(Option::is_some).then(|| error_id.clone());
            let ids: Vec<_> = hint_id.clone().into_iter().chain(error).collect();
            (!ids.is_empty()).then(|| ids.join(" "))
        }
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <div class="control">
                <input
                    id=id
                    name=name
                    type=kind
                    value=value
                    autocomplete=autocomplete
                    inputmode=input_mode
                    maxlength=max_length
                    required
                    autofocus=had_problem
                    aria-invalid=move || problem.with(Option::is_some).then_some("true")
                    aria-describedby=described_by
                />
            </div>
            <FieldProblem id=error_id problem/>
        </div>
    }
}

/// One of the choices of a [`ChoiceField`].
#[derive(Clone)]
pub struct Choice {
    /// What is sent.
    pub value: &'static str,
    /// What the person reads.
    pub label: &'static str,
}

/// A group of radio buttons.
#[component]
pub fn ChoiceField(
    /// The field's name in the form.
    name: &'static str,
    /// The group's label.
    label: &'static str,
    /// What there is to choose from.
    choices: Vec<Choice>,
    /// The value chosen at first.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    let id = form.field_id(name);
    let error_id = format!("{id}-error");
    let value = form.typed(name).unwrap_or(value);
    let problem = Signal::derive(move || form.problem(name, label));
    let described_by = {
        let error_id = error_id.clone();
        move || problem.with(Option::is_some).then(|| error_id.clone())
    };
    let options = choices
        .into_iter()
        .map(|choice| {
            let id = format!("{id}-{}", choice.value);
            view! {
                <div class="choice">
                    <div class="control">
                        <input type="radio" id=id.clone() name=name value=choice.value checked=choice.value == value/>
                    </div>
                    <label for=id>{choice.label}</label>
                </div>
            }
        })
        .collect_view();
    view! {
        <fieldset class="field" aria-describedby=described_by>
            <legend>{label}</legend>
            <div class="choices">{options}</div>
            <FieldProblem id=error_id problem/>
        </fieldset>
    }
}

/// A box to tick.
#[component]
pub fn CheckField(
    /// The field's name in the form; it is sent with the value `yes` if ticked.
    name: &'static str,
    /// Its label.
    label: &'static str,
    /// Whether it is ticked at first.
    #[prop(optional)]
    checked: bool,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    let id = form.field_id(name);
    let checked = checked || form.typed(name).is_some();
    view! {
        <div class="choice">
            <div class="control">
                <input type="checkbox" id=id.clone() name=name value="yes" checked=checked/>
            </div>
            <label for=id>{label}</label>
        </div>
    }
}

/// What is wrong with a field, for the place beside it.
#[component]
fn FieldProblem(id: String, problem: Signal<Option<String>>) -> impl IntoView {
    let id = StoredValue::new(id);
    move || problem.get().map(|problem| view! { <p class="field-problem" id=id.get_value()>{words(problem)}</p> })
}

/// The button that sends the form; it is off while an answer is awaited.
#[component]
pub fn SubmitButton(
    /// Whether the form cannot be sent yet.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Another class than the one of a page's main button.
    #[prop(default = "button")]
    class: &'static str,
    /// An accessible name that says more than the text does.
    #[prop(optional, into)]
    label: Option<String>,
    /// The button's text.
    children: Children,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    let is_pending = form.is_pending;
    view! {
        <button
            type="submit"
            class=class
            aria-label=label
            disabled=move || is_pending.get() || disabled.get()
            aria-busy=move || is_pending.get().then_some("true")
        >
            {children()}
        </button>
    }
}
