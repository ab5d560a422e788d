//! The outbox as pages for people and as JSON for tests.

use axum::{
    Json, Router,
    extract::{Path, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::get,
};

use super::{Kept, MessageKind, all};
use crate::{ApiError, AppState, http::escaped};

/// `GET /outbox`, `GET /outbox/messages` and `GET /outbox/{id}`.
pub fn pages(state: AppState) -> Router {
    Router::new()
        .route("/outbox", get(page))
        .route("/outbox/messages", get(messages))
        .route("/outbox/{id}", get(message))
        .layer(middleware::from_fn(guarded))
        .with_state(state)
}

async fn page(State(state): State<AppState>) -> Result<Html<String>, Failure> {
    let mut list = String::new();
    for kept in read(state).await?.iter().rev() {
        let subject = match kept.message.kind {
            MessageKind::Mail => escaped(&kept.message.subject),
            MessageKind::Sms => escaped(&kept.message.text),
        };
        list.push_str(&format!(
            "<li><a href=\"/outbox/{}\">{subject}</a> to {} <time>{}</time></li>",
            kept.id,
            escaped(&kept.message.to),
            kept.at
        ));
    }
    let body = if list.is_empty() { "<p>Nothing yet.</p>".to_owned() } else { format!("<ol reversed>{list}</ol>") };
    Ok(document("Outbox", &format!("<p>Messages that local-appwrite kept instead of sending, newest first.</p>{body}")))
}

async fn messages(State(state): State<AppState>) -> Result<Json<Vec<Kept>>, Failure> {
    Ok(Json(read(state).await?))
}

/// A mail as its reader would see it; an SMS as text.
async fn message(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, Failure> {
    let Some(kept) = read(state).await?.into_iter().find(|kept| kept.id == id) else {
        return Ok((StatusCode::NOT_FOUND, document("No such message", "")).into_response());
    };
    Ok(match kept.message.kind {
        MessageKind::Mail => Html(kept.message.html).into_response(),
        MessageKind::Sms => {
            let text = format!("<p>{}</p>", escaped(&kept.message.text));
            document(&format!("SMS to {}", kept.message.to), &text).into_response()
        }
    })
}

fn document(title: &str, body: &str) -> Html<String> {
    let title = escaped(title);
    Html(format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"UTF-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title></head>\
         <body><main><h1>{title}</h1>{body}</main></body></html>"
    ))
}

async fn read(state: AppState) -> Result<Vec<Kept>, Failure> {
    tokio::task::spawn_blocking(move || state.store().read(all))
        .await
        .map_err(|error| Failure(ApiError::unknown(error)))?
        .map_err(Failure)
}

/// The messages hold secrets: nothing of them is cached, framed or referred to.
async fn guarded(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    );
    response
}

struct Failure(ApiError);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, self.0.message).into_response()
    }
}
