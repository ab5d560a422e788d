//! The fields and the button of a form.
//!
//! Each input is the last child of an element of its own: password managers put nodes beside inputs, and only there do they
//! not get into the way of hydration.

use leptos::prelude::*;

use super::FormState;
use crate::components::words;

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
    let form = expect_context::<FormState>();
    if kind == "password" || autocomplete == "one-time-code" {
        form.secrets.update_value(|names| names.push(name));
    }
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

/// The button that sends the form. It does nothing while an answer is awaited, and keeps the focus.
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
            disabled=move || disabled.get()
            aria-disabled=move || is_pending.get().then_some("true")
            aria-busy=move || is_pending.get().then_some("true")
        >
            {children()}
        </button>
    }
}
