//! A guest becomes a member.

use leptos::prelude::*;
use leptos_appwrite::error::AppError;

use crate::auth::new_member::NewMemberFields;
use crate::components::{FormAction, PostForm, SubmitButton};
use crate::person::{Person, use_person};

/// Gives a guest's account a name, and an address and a password to sign in with. All that the guest has stays theirs, and
/// so does the session.
#[server(prefix = "/actions", endpoint = "keep_account")]
pub async fn keep_account(
    #[server(default)] name: String,
    #[server(default)] email: String,
    #[server(default)] password: String,
) -> Result<(), AppError> {
    use crate::success;
    use leptos_appwrite::auth::password::{Credentials, check_new_member, of_new_member};
    use leptos_appwrite::security::rate_limit::Attempt;
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    let (session, person) = (request.session()?, request.user::<Person>().await?);
    if !person.is_guest() {
        // A page from before. With a member's address, the same call would change it.
        request.go_to_next("");
        return Ok(());
    }
    let (name, credentials) = (name.trim(), Credentials::new(&email, password));
    check_new_member(name, &credentials)?;
    request.state.limits.count(Attempt::SignUp, request.sender.address, Some(&person.id))?;
    session.update_email(&credentials.email, &credentials.password).await.map_err(of_new_member)?;
    request.remember_account(&credentials.email);
    // The account is kept from here on. A name can be given any time.
    if let Err(error) = session.update_name(name).await {
        tracing::warn!(%error, "a guest became a member without the name that they gave");
    }
    request.leave_success(success::ACCOUNT_KEPT);
    request.go_to_next("");
    Ok(())
}

/// The form by which a guest becomes a member; nothing for others.
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
