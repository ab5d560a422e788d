//! Turns a guest account into a full account.

use leptos::prelude::*;
use leptos_appwrite::error::AppError;

use crate::auth::new_member::NewMemberFields;
use crate::components::{FormAction, PostForm, SubmitButton};
use crate::person::{Person, use_person};

/// Adds a name, an email address and a password to a guest's account. The data and the session stay.
#[server(prefix = "/actions", endpoint = "keep_account")]
pub async fn keep_account(
    #[server(default)] name: String,
    #[server(default)] email: String,
    #[server(default)] password: String,
) -> Result<(), AppError> {
    use leptos_appwrite::auth::password::{Credentials, check_new_member, of_new_member};
    use leptos_appwrite::security::rate_limit::Attempt;
    use leptos_appwrite::session::Success;
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    let (session, person) = (request.session()?, request.user::<Person>().await?);
    if !person.is_guest() {
        // The form comes from an old page. With a full account, `update_email` would change the existing email address.
        request.go_to_next("");
        return Ok(());
    }
    let (name, credentials) = (name.trim(), Credentials::new(&email, password));
    check_new_member(name, &credentials)?;
    request.state.limits.count(Attempt::SignUp, request.sender.address, Some(&person.id))?;
    session.update_email(&credentials.email, &credentials.password).await.map_err(of_new_member)?;
    request.remember_account(&credentials.email);
    // The account is saved now; the user can set the name later.
    if let Err(error) = session.update_name(name).await {
        tracing::warn!(%error, "a guest became a member without the name that they gave");
    }
    request.leave_success(Success::AccountKept);
    request.go_to_next("");
    Ok(())
}

/// The form to save a guest account; empty for other users.
#[component]
pub fn KeepAccountForm() -> impl IntoView {
    let action = FormAction::of::<KeepAccount>();
    use_person().filter(Person::is_guest).map(|_| {
        view! {
            <section class="panel" aria-labelledby="keep">
                <h2 id="keep">"Save your account"</h2>
                <p>
                    "Add your name, an email and a password. Everything you've added stays yours. "
                    "Otherwise you'll lose access when you sign out."
                </p>
                <PostForm action id="keep-account" class="form">
                    <NewMemberFields/>
                    <SubmitButton>"Save your account"</SubmitButton>
                </PostForm>
            </section>
        }
    })
}
