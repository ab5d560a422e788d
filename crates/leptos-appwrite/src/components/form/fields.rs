//! The fields and the button of a form.
//!
//! Each input is the last child of its own element: password managers insert nodes beside inputs, and anywhere else
//! these nodes break hydration.

use leptos::prelude::*;
use leptos::web_sys::HtmlInputElement;

use super::strength::StrengthLine;
use super::{FormState, NOTICE, element};
use crate::components::focus::focus;
use crate::components::has_script::use_has_script;
use crate::components::{reactive, words};
use crate::effect::effect;

/// A hidden field.
#[component]
pub fn HiddenField(
    /// The field's name in the form.
    name: &'static str,
    /// The value that the form sends.
    #[prop(into)]
    value: Signal<String>,
) -> impl IntoView {
    view! {
        <div hidden>
            <input type="hidden" name=name value=move || value.get()/>
        </div>
    }
}

/// A labeled field for one line of text. With `autocomplete="new-password"`, it also says how strong the password is.
#[component]
pub fn TextField(
    /// The field's name in the form.
    name: &'static str,
    /// Its label.
    label: &'static str,
    /// The `type` of the input.
    #[prop(default = "text")]
    kind: &'static str,
    /// The `autocomplete` attribute.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// The initial value.
    #[prop(optional, into)]
    value: String,
    /// A line below the label that says what to enter.
    #[prop(optional, into)]
    hint: Option<Signal<&'static str>>,
    /// The earliest date to choose, in ISO format.
    #[prop(optional, into)]
    min: Option<String>,
    /// The latest date to choose.
    #[prop(optional, into)]
    max: Option<String>,
    /// The keyboard that a phone shows, if `kind` does not determine it.
    #[prop(optional)]
    input_mode: Option<&'static str>,
    /// The maximum length, in characters.
    #[prop(optional)]
    max_length: Option<usize>,
    /// True if the value must not come back after an error. Passwords and one-time codes never do.
    #[prop(optional)]
    secret: bool,
    /// True for the first field of a page that has nothing to read before it.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    let is_secret = secret || kind == "password" || autocomplete == "one-time-code";
    if is_secret {
        form.secrets.update_value(|names| names.push(name));
    }
    let id = form.field_id(name);
    if autofocus {
        focus_unless_taken(id.clone());
    }
    let error_id = format!("{id}-error");
    let hint_id = hint.map(|_| format!("{id}-hint"));
    let value = form.typed(name).filter(|_| !is_secret).unwrap_or(value);
    let (is_password, is_shown) = (kind == "password", RwSignal::new(false));
    let problem = Signal::derive(move || form.problem(name, label));
    let had_problem = problem.with_untracked(Option::is_some);
    let strength_id = (autocomplete == "new-password").then(|| format!("{id}-strength"));
    let described_by = {
        let ids = [hint_id.clone(), strength_id.clone()];
        let (error_id, notice_id) = (error_id.clone(), form.field_id(NOTICE));
        move || {
            let [hint, strength] = &ids;
            // If the field has no error text, the form's error describes it.
            let error = problem
                .with(|problem| problem.as_ref().map(|text| if text.is_empty() { &notice_id } else { &error_id }));
            described_by([hint.as_ref(), strength.as_ref(), error])
        }
    };
    let strength = strength_id.map(|strength_id| view! { <StrengthLine id=strength_id field_id=id.clone() name/> });
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{reactive(move || Some(words(hint.get())))}</p> })}
            <div class="entry">
            <div class="control">
                <input
                    id=id
                    name=name
                    type=move || if is_shown.get() { "text" } else { kind }
                    value=value
                    spellcheck=is_password.then_some("false")
                    autocapitalize=is_password.then_some("none")
                    autocomplete=autocomplete
                    inputmode=input_mode
                    maxlength=max_length
                    min=min
                    max=max
                    required
                    autofocus=had_problem || autofocus
                    aria-invalid=move || problem.with(Option::is_some).then_some("true")
                    aria-describedby=described_by
                />
            </div>
            {is_password.then(|| view! { <RevealButton label is_shown/> })}
            </div>
            {strength}
            <FieldProblem id=error_id problem/>
        </div>
    }
}

/// Focuses the field after a client-side navigation, for which browsers ignore `autofocus`. Does nothing if the user
/// has already focused another element.
fn focus_unless_taken(id: String) {
    effect(move || {
        // One frame later, the app has moved the focus to the new page.
        let id = id.clone();
        request_animation_frame(move || {
            let is_taken = document()
                .active_element()
                .is_some_and(|active| !["BODY", "MAIN"].contains(&active.tag_name().as_str()));
            if let (false, Some(input)) = (is_taken, element::<HtmlInputElement>(&id)) {
                focus(&input);
            }
        });
    });
}

/// Shows and hides a typed password. Without JavaScript there is no button.
#[component]
fn RevealButton(label: &'static str, is_shown: RwSignal<bool>) -> impl IntoView {
    let form = expect_context::<FormState>();
    let has_script = use_has_script();
    // Browsers remember the values of text fields when a form is sent, but not those of password fields.
    effect(move || {
        if form.is_pending.get() {
            is_shown.set(false);
        }
    });
    let text = move || Some(words(if is_shown.get() { form.wording.hide } else { form.wording.show }));
    reactive(move || {
        has_script.get().then(|| {
            view! {
                <button
                    type="button"
                    class="button button-quiet reveal"
                    on:click=move |_| is_shown.update(|is_shown| *is_shown = !*is_shown)
                >
                    {reactive(text)}
                    <span class="visually-hidden">" " {label}</span>
                </button>
            }
        })
    })
}

/// One of the choices of a [`ChoiceField`].
#[derive(Clone)]
pub struct Choice {
    /// The value that the form sends.
    pub value: &'static str,
    /// The label.
    pub label: &'static str,
}

/// Returns the value of `aria-describedby`.
fn described_by<const N: usize>(ids: [Option<&String>; N]) -> Option<String> {
    let ids: Vec<_> = ids.into_iter().flatten().map(String::as_str).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// A group of radio buttons.
#[component]
pub fn ChoiceField(
    /// The field's name in the form.
    name: &'static str,
    /// The group's label.
    label: &'static str,
    /// The choices.
    choices: Vec<Choice>,
    /// The initial value.
    #[prop(into)]
    value: String,
    /// A line below the label.
    #[prop(optional)]
    hint: Option<&'static str>,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    let id = form.field_id(name);
    let error_id = format!("{id}-error");
    let hint_id = hint.map(|_| format!("{id}-hint"));
    let value = form.typed(name).unwrap_or(value);
    let problem = Signal::derive(move || form.problem(name, label));
    let described_by = {
        let (error_id, hint_id) = (error_id.clone(), hint_id.clone());
        move || described_by([hint_id.as_ref(), has_text(problem).then_some(&error_id)])
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
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <div class="choices">{options}</div>
            <FieldProblem id=error_id problem/>
        </fieldset>
    }
}

/// A checkbox.
#[component]
pub fn CheckField(
    /// The field's name in the form. Sends the value `yes` if checked.
    name: &'static str,
    /// Its label.
    label: &'static str,
    /// True if it is checked at first.
    #[prop(optional)]
    checked: bool,
    /// A line below the label that says what the choice means.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// Follows the checkbox, for another form that sends the same choice.
    #[prop(optional_no_strip)]
    choice: Option<RwSignal<bool>>,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    let id = form.field_id(name);
    let hint_id = hint.map(|_| format!("{id}-hint"));
    let checked = if form.is_shown_again { form.typed(name).is_some() } else { checked };
    let follow = move |is_checked| {
        if let Some(choice) = choice {
            choice.set(is_checked);
        }
    };
    // The user may have chosen before the app started.
    let own_id = id.clone();
    effect(move || {
        if let Some(input) = element::<HtmlInputElement>(&own_id) {
            follow(input.checked());
        }
    });
    view! {
        <div class="choice">
            <div class="control">
                <input
                    type="checkbox"
                    id=id.clone()
                    name=name
                    value="yes"
                    checked=checked
                    aria-describedby=hint_id.clone()
                    on:change=move |event| follow(event_target_checked(&event))
                />
            </div>
            <label for=id>{label}</label>
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
        </div>
    }
}

/// The error message beside a field. An empty message only marks the field, because the form's message already explains
/// the problem.
#[component]
fn FieldProblem(id: String, problem: Signal<Option<String>>) -> impl IntoView {
    let id = StoredValue::new(id);
    reactive(move || {
        let problem = problem.get().filter(|problem| !problem.is_empty());
        problem.map(|problem| view! { <p class="field-problem" id=id.get_value()>{words(problem)}</p> })
    })
}

fn has_text(problem: Signal<Option<String>>) -> bool {
    problem.with(|problem| problem.as_ref().is_some_and(|problem| !problem.is_empty()))
}

/// The submit button. Ignores clicks while the form cannot be sent or a call is pending, but keeps the focus.
#[component]
pub fn SubmitButton(
    /// True while the form cannot be sent.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// A class to use in place of the main button's.
    #[prop(default = "button")]
    class: &'static str,
    /// An accessible name that says more than the text.
    #[prop(optional, into)]
    label: Option<String>,
    /// The name and the value of a field that this button sends, in a form with several buttons.
    #[prop(optional)]
    field: Option<(&'static str, String)>,
    /// The path of another server function that this button calls with the form's fields (see `also` of
    /// [`PostForm`](super::PostForm)).
    #[prop(optional)]
    action: Option<&'static str>,
    /// The button's text.
    children: Children,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    let is_pending = form.is_pending;
    let (name, value) = field.unzip();
    let own = StoredValue::new(value.clone());
    let is_busy = move || is_pending.get() && form.pressed.with(|pressed| own.with_value(|own| own == pressed));
    view! {
        <button
            type="submit"
            class=class
            name=name
            value=value
            formaction=action
            aria-label=label
            aria-disabled=move || (disabled.get() || is_pending.get()).then_some("true")
            on:click=move |event| {
                if disabled.get_untracked() {
                    event.prevent_default();
                } else if !is_pending.get_untracked() {
                    form.pressed.set(own.get_value());
                }
            }
            aria-busy=move || is_busy().then_some("true")
        >
            {children()}
        </button>
    }
}
