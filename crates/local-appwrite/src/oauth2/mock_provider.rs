//! The provider `mock`: a consent page where the user chooses an account, and allows or denies.

use axum::{
    Form, Router,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use url::Url;

use super::{
    MOCK,
    request::{self, OAuth2Request, ProviderAccount},
};
use crate::{ApiError, AppState, ErrorKind, http::escaped, identity::secret};

/// `GET` and `POST /oauth2/mock/authorize`.
pub fn pages(state: AppState) -> Router {
    Router::new().route("/oauth2/mock/authorize", get(consent).post(decide)).with_state(state)
}

#[derive(Deserialize)]
struct Asked {
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

async fn consent(State(state): State<AppState>, Query(asked): Query<Asked>) -> Response {
    match pending(&state, asked.state.clone()).await {
        Ok(request) => page(&request, &asked.state),
        Err(error) => refused(&error),
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

async fn pending(state: &AppState, oauth2_state: String) -> Result<OAuth2Request, ApiError> {
    let state = state.clone();
    tokio::task::spawn_blocking(move || {
        let now = state.clock().now();
        state
            .store()
            .read(|db| request::find(db, &oauth2_state, now))?
            .ok_or_else(|| ErrorKind::GeneralBadRequest.into())
    })
    .await
    .map_err(ApiError::unknown)?
}

/// The callback URL, with a code or an error.
fn decided(state: &AppState, host: &str, decision: Decision) -> Result<Url, ApiError> {
    let project = &state.settings().project_id;
    let back = format!("http://{host}/v1/account/sessions/oauth2/callback/{MOCK}/{project}");
    let mut back = Url::parse(&back).map_err(|_| ErrorKind::GeneralBadRequest)?;
    back.query_pairs_mut().append_pair("state", &decision.state);
    let now = state.clock().now();
    if decision.decision != "allow" {
        state.store().read(|db| request::find(db, &decision.state, now))?.ok_or(ErrorKind::GeneralBadRequest)?;
        back.query_pairs_mut()
            .append_pair("error", "access_denied")
            .append_pair("error_description", "The person said no.");
        return Ok(back);
    }
    let account = account(&decision)?;
    let code = secret::hex(64);
    state.store().write::<_, ApiError>(state.hub(), |changes| {
        let mut request = request::find(changes, &decision.state, now)?.ok_or(ErrorKind::GeneralBadRequest)?;
        request.consent = Some((secret::hash(&code), account));
        request::keep(changes, &decision.state, &request)
    })?;
    back.query_pairs_mut().append_pair("code", &code);
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

fn page(request: &OAuth2Request, state: &str) -> Response {
    let to = escaped(request.success.host_str().unwrap_or(""));
    let state = escaped(state);
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"UTF-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Mock sign-in</title></head>\
         <body><main><h1>Mock sign-in</h1><p>The application at {to} wants to know who you are.</p>\
         <form method=\"post\" action=\"/oauth2/mock/authorize\"><input type=\"hidden\" name=\"state\" value=\"{state}\">\
         <p><label>Email <input name=\"email\" type=\"email\" value=\"mock@example.com\" required></label></p>\
         <p><label>Name <input name=\"name\" value=\"Mock Person\"></label></p>\
         <p><label><input name=\"verified\" type=\"checkbox\" checked> The address is verified</label></p>\
         <p><button name=\"decision\" value=\"allow\">Allow</button> \
         <button name=\"decision\" value=\"deny\" formnovalidate>Deny</button></p></form></main></body></html>"
    );
    guarded(Html(page).into_response())
}

fn refused(error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let message = escaped(&error.message);
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"UTF-8\"><title>Mock sign-in</title></head>\
         <body><main><h1>Mock sign-in</h1><p>This sign-in is not under way any more, or something in it is wrong.</p>\
         <p>{message}</p></main></body></html>"
    );
    guarded((status, Html(page)).into_response())
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
        HeaderValue::from_static("default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
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
    fn one_address_is_one_account() {
        let first = account(&decision("Kay@example.com")).expect("an account");
        let second = account(&decision("kay@example.com")).expect("an account");
        let other = account(&decision("lou@example.com")).expect("an account");
        assert_eq!(first.uid, second.uid);
        assert_ne!(first.uid, other.uid);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert!(account(&decision("nope")).is_err());
    }
}
