//! The page that adds an authenticator app. Its form posts to the page itself, which then shows the app's secret.

use leptos::prelude::*;
use leptos_appwrite::account::AccountField;
use leptos_appwrite::realtime::WhileSignedIn;
use leptos_appwrite::session::revealed::{NewAuthenticator, Revealed};
use leptos_appwrite::session::use_revealed;
use leptos_meta::Title;
use leptos_router::components::A;

use super::answer_heading::AnswerHeading;
use super::codes::Codes;
use crate::components::{CopyButton, FormAction, HiddenField, PostForm, SixDigitsField, SubmitButton};

const PAGE: &str = "/account/security/authenticator";

/// Shows the app's secret and takes the first code. Then shows the recovery codes.
#[component]
pub fn AuthenticatorPage() -> impl IntoView {
    let revealed = use_revealed();
    view! {
        <div class="page page-narrow">
            <WhileSignedIn>
                {move || match revealed.get() {
                    Some(Revealed::Authenticator(app)) => view! { <Confirm app/> }.into_any(),
                    Some(Revealed::RecoveryCodes(codes)) => view! {
                        <Title text="Recovery codes"/>
                        <AnswerHeading page=PAGE text="Save your recovery codes"/>
                        <p>"Your authenticator app is set up, and two-step verification is on."</p>
                        <Codes codes/>
                    }
                    .into_any(),
                    None => view! { <Start/> }.into_any(),
                }}
            </WhileSignedIn>
        </div>
    }
}

#[component]
fn Start() -> impl IntoView {
    let action = FormAction::of_page(PAGE);
    view! {
        <Title text="Authenticator app"/>
        <h1>"Set up an authenticator app"</h1>
        <p>"You need an app that makes sign-in codes, such as your phone's password manager."</p>
        <PostForm action id="add-app" class="form">
            <AccountField/>
            <div class="actions">
                <SubmitButton>"Show the QR code"</SubmitButton>
                <A href="/account/security" exact=true attr:class="button button-quiet">"Cancel"</A>
            </div>
        </PostForm>
    }
}

#[component]
fn Confirm(app: NewAuthenticator) -> impl IntoView {
    let action = FormAction::of_page(PAGE);
    let NewAuthenticator { secret, uri, qr } = app;
    let view_box = format!("0 0 {0} {0}", qr.size);
    view! {
        <Title text="Authenticator app"/>
        <AnswerHeading page=PAGE text="Set up an authenticator app"/>
        <p>"Scan this code with your app, then enter the code that the app shows."</p>
        <svg class="qr" viewBox=view_box role="img" aria-label="QR code for your authenticator app">
            <path d=qr.path></path>
        </svg>
        <details>
            <summary>"Can't scan it?"</summary>
            <div class="manual-key">
                <p>
                    <a href=uri.clone() rel="external">"Open the app on this device"</a>
                    ", or enter this key in your app:"
                </p>
                <p><code class="secret">{secret.clone()}</code></p>
                <CopyButton text=secret label="Copy key" done="Copied"/>
            </div>
        </details>
        <PostForm action id="confirm-app" class="form">
            <HiddenField name="uri" value=uri/>
            <AccountField/>
            <SixDigitsField/>
            <div class="actions">
                <SubmitButton>"Continue"</SubmitButton>
                <A href="/account/security" exact=true attr:class="button button-quiet">"Cancel"</A>
            </div>
        </PostForm>
        // Another tab may have replaced this app. The link loads a new document, so that this one's secret is gone.
        <p>"Code refused? " <a href=PAGE rel="external">"Start over with a new QR code"</a></p>
    }
}
