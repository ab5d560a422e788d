//! The HTML document around the app: head, styles, the scripts that hydrate, and the policy that goes with them.

use axum::http::header;
use leptos::config::{Env, LeptosOptions};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::{HashedStylesheet, MetaTags};

use crate::app::App;
use crate::security::headers::page_policy;
use crate::server::AppState;

/// The whole page.
pub fn document(state: &AppState) -> impl IntoView + use<> {
    let options = state.leptos.clone();
    announce_policy(state);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <HashedStylesheet id="style" options=options.clone()/>
                <AutoReload options=options.clone()/>
                <HydrationScripts options=options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

fn announce_policy(state: &AppState) {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    if let Some(policy) = page_policy(&nonce, &state.public_endpoint, live_reload_port(&state.leptos)) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// The port of cargo-leptos's reload socket, while `cargo leptos watch` runs this server.
fn live_reload_port(options: &LeptosOptions) -> Option<u16> {
    let is_watched = options.env == Env::DEV && std::env::var_os("LEPTOS_WATCH").is_some();
    is_watched.then(|| {
        let port = options.reload_external_port.unwrap_or(options.reload_port);
        u16::try_from(port).unwrap_or(3001)
    })
}
