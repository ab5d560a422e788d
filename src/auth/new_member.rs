//! The fields by which somebody becomes a member, whether they come new or were here as a guest.

use leptos::prelude::*;

use crate::components::TextField;

/// Name, address and password, for a form's inside.
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
