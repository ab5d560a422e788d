//! The provider `mock`: a consent page where the user chooses an account, and allows or denies.

use axum::{
    Form, Router,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use url::Url;

use super::{
    callback_url,
    request::{self, OAuth2State, ProviderAccount},
};
use crate::{ApiError, AppState, ErrorKind, http::escaped, identity::secret, pages::document::dialog};

const TITLE: &str = "Mock sign-in";

/// `GET` and `POST /oauth2/mock/authorize`.
pub fn pages(state: AppState) -> Router {
    Router::new().route("/oauth2/mock/authorize", get(consent).post(decide)).with_state(state)
}

#[derive(Deserialize)]
struct QueryParams {
    state: String,
}

#[derive(Deserialize)]
struct Decision {
    state: String,
    decision: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    name: String,
    verified: Option<String>,
}

async fn consent(Query(requested): Query<QueryParams>) -> Response {
    match OAuth2State::parse(&requested.state) {
        Some(pages) => page(&pages, &requested.state),
        None => refused(&ErrorKind::GeneralBadRequest.into()),
    }
}

async fn decide(State(state): State<AppState>, headers: HeaderMap, Form(decision): Form<Decision>) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("").to_owned();
    let outcome = tokio::task::spawn_blocking(move || decided(&state, &host, decision)).await;
    match outcome {
        Ok(Ok(location)) => found(&location),
        Ok(Err(error)) => refused(&error),
        Err(error) => refused(&ApiError::unknown(error)),
    }
}

/// The callback URL, with a code or an error.
fn decided(state: &AppState, host: &str, decision: Decision) -> Result<Url, ApiError> {
    let back = callback_url(&format!("http://{host}"), &state.settings().project_id);
    let mut back = Url::parse(&back).map_err(|_| ErrorKind::GeneralBadRequest)?;
    if decision.decision == "allow" {
        let account = account(&decision)?;
        let now = state.clock().now();
        let code = state.store().write(state.hub(), |changes| request::consent(changes, account, now))?;
        back.query_pairs_mut().append_pair("code", &code);
    } else {
        back.query_pairs_mut()
            .append_pair("error", "access_denied")
            .append_pair("error_description", "The user denied access.");
    }
    back.query_pairs_mut().append_pair("state", &decision.state);
    Ok(back)
}

/// Each address is one account at this provider.
fn account(decision: &Decision) -> Result<ProviderAccount, ApiError> {
    let fields = serde_json::json!({"email": decision.email, "name": decision.name});
    let params = crate::http::params::Params::new(fields.as_object().cloned().unwrap_or_default());
    let email = params.email("email")?;
    Ok(ProviderAccount {
        uid: secret::hash(&email)[..24].to_owned(),
        is_verified: decision.verified.is_some(),
        name: params.text("name", 0, 128)?,
        email,
    })
}

fn page(pages: &OAuth2State, state: &str) -> Response {
    let success = Url::parse(&pages.success).ok();
    let to = escaped(success.as_ref().and_then(Url::host_str).unwrap_or(""));
    let state = escaped(state);
    let form = format!(
        "<p>The app at <strong>{to}</strong> asks who you are. Choose any account: this provider is a stand-in for tests.</p>\
         <form method=\"post\" action=\"/oauth2/mock/authorize\"><input type=\"hidden\" name=\"state\" value=\"{state}\">\
         <label>Email<input name=\"email\" type=\"email\" value=\"mock@example.com\" required></label>\
         <label>Name<input name=\"name\" value=\"Mock Person\"></label>\
         <label class=\"check\"><input name=\"verified\" type=\"checkbox\" checked>The address is verified</label>\
         <p class=\"actions\"><button name=\"decision\" value=\"allow\">Allow</button>\
         <button class=\"plain\" name=\"decision\" value=\"deny\" formnovalidate>Deny</button></p></form>"
    );
    guarded(dialog(TITLE, &form).into_response())
}

fn refused(error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let message = escaped(&error.message);
    let page =
        dialog(TITLE, &format!("<p>This sign-in has expired, or its URL is wrong. Start again.</p><p>{message}</p>"));
    guarded((status, page).into_response())
}

fn found(location: &Url) -> Response {
    match HeaderValue::from_str(location.as_str()) {
        Ok(location) => guarded((StatusCode::FOUND, [(header::LOCATION, location)]).into_response()),
        Err(error) => refused(&ApiError::unknown(error)),
    }
}

fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // Sets no `form-action`, which would also block the redirect to the app's site.
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(email: &str) -> Decision {
        Decision {
            state: "s".into(),
            decision: "allow".into(),
            email: email.into(),
            name: String::new(),
            verified: Some("on".into()),
        }
    }

    #[test]
    fn same_address_gets_the_same_account() {
        let first = account(&decision("Kay@example.com")).expect("an account");
        let second = account(&decision("kay@example.com")).expect("an account");
        let other = account(&decision("lou@example.com")).expect("an account");
        assert_eq!(first.uid, second.uid);
        assert_ne!(first.uid, other.uid);
    }

    #[test]
    fn invalid_address_is_refused() {
        assert!(account(&decision("nope")).is_err());
    }
}
