//! The page that creates recovery codes. Its form posts to the page itself, which then shows the codes.

use leptos::prelude::*;
use leptos_appwrite::account::AccountField;
use leptos_appwrite::realtime::WhileSignedIn;
use leptos_appwrite::session::revealed::Revealed;
use leptos_appwrite::session::use_revealed;
use leptos_meta::Title;
use leptos_router::components::A;

use super::answer_heading::AnswerHeading;
use crate::components::{CopyButton, FormAction, HiddenField, PostForm, PrintButton, SubmitButton};

const PAGE: &str = "/account/security/codes";

/// Asks for confirmation, and shows the new codes.
#[component]
pub fn RecoveryCodesPage() -> impl IntoView {
    let revealed = use_revealed();
    view! {
        <Title text="Recovery codes"/>
        <div class="page page-narrow">
            <WhileSignedIn>
                {move || match revealed.get() {
                    Some(Revealed::RecoveryCodes(codes)) => view! {
                        <AnswerHeading page=PAGE text="Save your recovery codes"/>
                        <Codes codes/>
                    }
                    .into_any(),
                    _ => view! { <Ask/> }.into_any(),
                }}
            </WhileSignedIn>
        </div>
    }
}

#[component]
fn Ask() -> impl IntoView {
    let action = FormAction::of_page(PAGE);
    view! {
        <h1>"Get recovery codes?"</h1>
        <p>"A recovery code signs you in when you can't use your other methods. If you have codes already, they stop working."</p>
        <PostForm action id="make-codes" class="form">
            <AccountField/>
            <div class="actions">
                <SubmitButton>"Get new codes"</SubmitButton>
                <A href="/account/security" exact=true attr:class="button button-quiet">"Cancel"</A>
            </div>
        </PostForm>
    }
}

/// The codes, with buttons to copy, download and print them. Without JavaScript, only the download works.
#[component]
pub fn Codes(codes: Vec<String>) -> impl IntoView {
    let action = FormAction::of_page(PAGE);
    let items = codes.iter().map(|code| view! { <li><code>{code.clone()}</code></li> }).collect_view();
    view! {
        <p>"Each code works once. Keep them where you keep your passwords: we can't show them again."</p>
        <ul class="codes" aria-label="Recovery codes">{items}</ul>
        <div class="actions controls">
            <CopyButton text=codes.join("\n") label="Copy" done="Copied"/>
            <PostForm action id="download-codes">
                <HiddenField name="codes" value=codes.join(" ")/>
                <SubmitButton class="button button-quiet button-small">"Download"</SubmitButton>
            </PostForm>
            <PrintButton label="Print"/>
        </div>
        <p class="controls"><A href="/account/security" exact=true attr:class="button">"I saved them"</A></p>
    }
}
