//! The page that changes one birthday.

use leptos::prelude::*;
use leptos_appwrite::realtime::WhileSignedIn;
use leptos_appwrite::session::leave_if_signed_out;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_params_map};

use super::actions::{UpdateBirthday, get_birthday};
use super::list::VisibilityField;
use super::model::Birthday;
use crate::components::{Failure, FormAction, HiddenField, PostForm, SubmitButton, TextField};

/// Shows a form with the birthday's values.
#[component]
pub fn EditBirthdayPage() -> impl IntoView {
    let params = use_params_map();
    let id = move || params.with(|params| params.get("id").unwrap_or_default());
    let birthday = Resource::new(id, get_birthday);
    Effect::new(move |_| {
        if let Some(Err(error)) = birthday.get() {
            leave_if_signed_out(&error);
        }
    });
    view! {
        <Title text="Edit a birthday"/>
        <div class="page page-narrow">
            <h1>"Edit a birthday"</h1>
            <WhileSignedIn>
                <Suspense fallback=|| view! { <p class="quiet">"Loading…"</p> }>
                    {move || Suspend::new(async move {
                        match birthday.await {
                            Ok(birthday) => view! { <EditForm birthday/> }.into_any(),
                            Err(error) => view! {
                                <Failure error/>
                                <p class="actions"><A href="/birthdays">"Back to birthdays"</A></p>
                            }
                            .into_any(),
                        }
                    })}
                </Suspense>
            </WhileSignedIn>
        </div>
    }
}

#[component]
fn EditForm(birthday: Birthday) -> impl IntoView {
    let action = FormAction::of::<UpdateBirthday>();
    let navigate = use_navigate();
    Effect::new(move |_| {
        if action.is_done() {
            navigate("/birthdays", Default::default());
        }
    });
    view! {
        <PostForm action id="edit-birthday" class="form" label="Edit a birthday" then="/birthdays">
            <HiddenField name="id" value=birthday.id/>
            <TextField name="name" label="Name" value=birthday.name/>
            <TextField name="date" label="Birthday" kind="date" value=birthday.date/>
            <VisibilityField visibility=birthday.visibility/>
            <div class="actions">
                <SubmitButton>"Save"</SubmitButton>
                <A href="/birthdays" attr:class="button button-quiet">"Cancel"</A>
            </div>
        </PostForm>
    }
}
