//! Sign-up with name, email and password.

use leptos::prelude::*;
use leptos_appwrite::error::AppError;
use leptos_meta::Title;
use leptos_router::components::A;

use super::new_member::NewMemberFields;
use super::provider::ProviderButtons;
use super::{use_next, with_next};
use crate::components::{FormAction, HiddenField, PostForm, SubmitButton};

/// Creates an account, signs in to it, and goes on to `next`, if that is a path of ours, or to the account.
#[server(prefix = "/actions", endpoint = "sign_up")]
pub async fn sign_up(
    #[server(default)] name: String,
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use leptos_appwrite::auth::arrival::arrive;
    use leptos_appwrite::auth::password::{self, Credentials};
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    let credentials = Credentials::new(&email, password);
    let session = password::sign_up(&request.state, &request.sender, &name, &credentials).await?;
    request.remember_account(&credentials.email);
    arrive(&request, &session, &next).await
}

/// The sign-up page.
#[component]
pub fn SignUpPage() -> impl IntoView {
    let action = FormAction::of::<SignUp>();
    let next = use_next();
    let sign_in = with_next("/login", next.as_deref());
    view! {
        <Title text="Create account"/>
        <div class="page page-narrow">
            <h1>"Create account"</h1>
            <PostForm action id="sign-up" class="form">
                {next.map(|next| view! { <HiddenField name="next" value=next/> })}
                <NewMemberFields/>
                <SubmitButton>"Create account"</SubmitButton>
            </PostForm>
            <ProviderButtons next=use_next()/>
            <p>"Have an account? " <A href=sign_in>"Sign in instead"</A> "."</p>
        </div>
    }
}
