//! The form fields of a new account, for sign-up and for guests who save their account.

use leptos::prelude::*;

use crate::components::TextField;

/// Form fields: name, email and password.
#[component]
pub fn NewMemberFields() -> impl IntoView {
    view! {
        <TextField name="name" label="Name" autocomplete="name"/>
        <TextField name="email" label="Email" kind="email" autocomplete="username"/>
        <TextField
            name="password"
            label="Password"
            kind="password"
            autocomplete="new-password"
            hint="At least 8 characters."
        />
    }
}
