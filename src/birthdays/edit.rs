//! The page that changes one birthday.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_appwrite::effect::effect;
use leptos_appwrite::error::AppError;
use leptos_router::components::A;

use super::actions::{UpdateBirthday, get_birthday};
use super::date_field::DateField;
use super::list::{VisibilityField, has_name};
use super::model::Birthday;
use super::own::{OwnBirthdayPage, date_in_words};
use super::page_of_list::{use_list_address, use_row_address};
use crate::components::{FormAction, HiddenField, PostForm, SubmitButton, TextField, inert, use_form_error, words};

/// Shows a form with the birthday's values.
#[component]
pub fn EditBirthdayPage() -> impl IntoView {
    let action = FormAction::of::<UpdateBirthday>();
    let form = |birthday, action| view! { <EditForm birthday action/> }.into_any();
    view! { <OwnBirthdayPage title="Edit a birthday" action form/> }
}

#[component]
fn EditForm(birthday: Birthday, action: FormAction) -> impl IntoView {
    let (back, row) = (use_list_address(), use_row_address(&birthday.id));
    // The birthday on the server. It is newer than the fields after another tab or device saves.
    let saved = RwSignal::new(birthday.clone());
    effect(move || {
        if action.is_refused_with(&AppError::Conflict) {
            let id = saved.with_untracked(|saved| saved.id.clone());
            spawn_local(async move {
                if let Ok(newer) = get_birthday(id).await {
                    // Fails if the user has left the page.
                    let _ = saved.try_set(newer);
                }
            });
        }
    });
    let opened = birthday.version.clone();
    // Without JavaScript, the reloaded page already has the current version.
    let is_newer = Signal::derive(move || action.is_unused() || saved.with(|saved| saved.version != opened));
    view! {
        <PostForm action id="edit-birthday" class="form" label="Edit a birthday">
            <SavedElsewhere saved is_newer/>
            <HiddenField name="id" value=birthday.id/>
            <HiddenField name="next" value=back/>
            <HiddenField name="version" value=Signal::derive(move || saved.with(|saved| saved.version.clone()))/>
            <TextField name="name" label="Name" value=birthday.name/>
            <DateField value=birthday.date/>
            <VisibilityField visibility=birthday.visibility has_name=has_name()/>
            <div class="actions">
                <SubmitButton>"Save"</SubmitButton>
                <A href=row exact=true attr:class="button button-quiet">"Cancel"</A>
            </div>
        </PostForm>
    }
}

/// Shows the version on the server above the user's own values.
#[component]
fn SavedElsewhere(saved: RwSignal<Birthday>, is_newer: Signal<bool>) -> impl IntoView {
    let error = use_form_error();
    let is_shown = Memo::new(move |_| is_newer.get() && error.get() == Some(AppError::Conflict));
    move || {
        is_shown.get().then(|| {
            let saved = saved.get();
            let date = inert(date_in_words(&saved));
            view! {
                <div class="notice">
                    <p>"Current version:"</p>
                    <p>
                        <strong>{words(saved.name)}</strong> ", " {date} ", " {words(saved.visibility.label())}
                    </p>
                    <p>"Your changes are below. Save to overwrite the current version, or cancel to keep it."</p>
                </div>
            }
        })
    }
}
