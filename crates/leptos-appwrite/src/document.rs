//! The HTML document around the app: head, styles, scripts for hydration, and their content security policy.

use std::iter;

use appwrite_client::User;
use axum::http::header;
use axum::http::request::Parts;
use leptos::config::{Env, LeptosOptions};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;

use appwrite_realtime::state::ConnectionState;

use crate::routes::Part;
use crate::security::headers::page_policy;
use crate::site::{ROOT, root};
use crate::state::AppState;
use crate::theme::current_theme;

/// Starts the app. After a panic it stops events before they reach wasm, so links and forms work as without JavaScript.
const START: &str = include_str!("document/start.js");

/// Renders the whole document.
///
/// Does not use `HydrationScripts`: it gives the preloaded module no nonce, so the policy would block it.
pub fn document(state: &AppState) -> impl IntoView + use<> {
    let (options, assets) = (state.leptos.clone(), &state.assets);
    let (site, nonce) = (state.site, use_nonce());
    let style = match &assets.style_text {
        Some(text) => view! { <style nonce=nonce.clone()>{text.clone()}</style> }.into_any(),
        None => view! { <link id="style" rel="stylesheet" href=assets.style.clone()/> }.into_any(),
    };
    let scripts = [Some(assets.script.clone()), assets.parts_script.clone()].into_iter().flatten();
    let scripts =
        scripts.map(|script| view! { <link rel="modulepreload" href=script nonce=nonce.clone()/> }).collect_view();
    // Pages work without the wasm, so the browser loads everything else first.
    let parts = parts_of_page(state);
    let part_names = parts.iter().map(|part| part.name).collect::<Vec<_>>().join(" ");
    let files = parts.iter().flat_map(|part| assets.part(part.name));
    let wasm = iter::once(&assets.wasm).chain(files).map(|file| view! {
        <link rel="preload" href=file.clone() r#as="fetch" type="application/wasm" crossorigin="anonymous" fetchpriority="low"/>
    });
    let wasm = wasm.collect_view();
    let theme = current_theme().attribute();
    announce_policy(state);
    view! {
        <!DOCTYPE html>
        <html lang=state.site.wording.lang data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content=theme.unwrap_or("light dark")/>
                {(state.site.head)()}
                {style}
                <AutoReload options=options/>
                {scripts}
                {wasm}
                <script type="module" nonce=nonce>
                    {format!(
                        "import start, {{ hydrate }} from {:?};\nconst wasm = {:?};\nconst notLiveText = {:?};\n{START}",
                        assets.script,
                        assets.wasm,
                        (site.wording.connection)(&ConnectionState::Idle).concat(),
                    )}
                </script>
                <MetaTags/>
            </head>
            <body>
                // The app has its own element, because browser extensions insert nodes into the body.
                <div id=ROOT data-parts=part_names>
                    {root(site)}
                </div>
            </body>
        </html>
    }
}

/// Returns the wasm's parts for this page: the browser loads them at the same time as the first file.
fn parts_of_page(state: &AppState) -> Vec<&'static Part> {
    let Some(request) = use_context::<Parts>() else { return vec![] };
    let is_signed_in = request.extensions.get::<User>().is_some();
    let is_needed = |part: &&Part| part.has_page(request.uri.path()) || (part.is_for_signed_in && is_signed_in);
    state.site.parts.iter().filter(is_needed).collect()
}

fn announce_policy(state: &AppState) {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    if let Some(policy) = page_policy(&nonce, &state.public_endpoint, live_reload_port(&state.leptos)) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Returns the port of cargo-leptos's reload socket while `cargo leptos watch` runs this server.
fn live_reload_port(options: &LeptosOptions) -> Option<u16> {
    let is_watched = options.env == Env::DEV && std::env::var_os("LEPTOS_WATCH").is_some();
    is_watched.then(|| {
        let port = options.reload_external_port.unwrap_or(options.reload_port);
        u16::try_from(port).unwrap_or(3001)
    })
}
