//! The outbox as pages for people and as JSON for tests.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    middleware,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use jiff::Timestamp;

use super::{MessageKind, StoredMessage, all};
use crate::{
    ApiError, AppState,
    http::escaped,
    pages::{
        document::{document, guarded, scrolling},
        time::{ago, exact},
    },
};

/// The policy for an email in its frame: no scripts, no forms, no images from other sites. Links open in a new tab.
const FRAMED: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

/// `GET /outbox`, `GET /outbox/messages`, and for each message its page, the email, and the email for the page's frame.
pub fn pages(state: AppState) -> Router {
    Router::new()
        .route("/outbox", get(list))
        .route("/outbox/messages", get(messages))
        .route("/outbox/{id}", get(message))
        .route("/outbox/{id}/page", get(page))
        .route("/outbox/{id}/frame", get(frame))
        .layer(middleware::from_fn(guarded))
        .with_state(state)
}

async fn list(State(state): State<AppState>) -> Result<Html<String>, Failure> {
    let now = state.clock().now();
    let mut kept = read(state).await?;
    kept.reverse();
    let body = if kept.is_empty() { "<p>No emails or text messages yet.</p>".to_owned() } else { table_of(&kept, now) };
    let intro = "<p>Emails and text messages, kept here instead of being sent. Newest first.</p>";
    Ok(document("Outbox", &format!("{intro}<section>{body}</section>")))
}

/// Messages as a table, each with a link to its page.
pub fn table_of(kept: &[StoredMessage], now: Timestamp) -> String {
    let lines: String = kept
        .iter()
        .map(|kept| {
            let subject = match kept.message.kind {
                MessageKind::Mail => &kept.message.subject,
                MessageKind::Sms => &kept.message.text,
            };
            format!(
                "<tr><td><a href=\"/outbox/{}/page\">{}</a></td><td>{}</td><td class=\"when\">{}</td></tr>",
                kept.id,
                escaped(subject),
                escaped(&kept.message.to),
                sent(&kept.at, |at| ago(at, now)),
            )
        })
        .collect();
    scrolling("Messages", &["Subject", "To", "Sent"], &lines)
}

/// Formats a stored time for reading. Returns other text unchanged.
fn sent(at: &str, in_words: impl FnOnce(Timestamp) -> String) -> String {
    at.parse().map_or_else(|_| escaped(at), in_words)
}

async fn messages(State(state): State<AppState>) -> Result<Json<Vec<StoredMessage>>, Failure> {
    Ok(Json(read(state).await?))
}

/// Shows an email as its reader would see it, and an SMS as text.
async fn message(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, Failure> {
    let Some(kept) = find(state, id).await? else {
        return Ok(no_message());
    };
    Ok(match kept.message.kind {
        MessageKind::Mail => Html(kept.message.html).into_response(),
        MessageKind::Sms => {
            let text = format!("<p>{}</p>", escaped(&kept.message.text));
            document(&format!("Text message to {}", kept.message.to), &text).into_response()
        }
    })
}

/// Shows a message; the HTML of an email is in a sandboxed frame.
async fn page(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, Failure> {
    let now = state.clock().now();
    let Some(StoredMessage { id, message, at }) = find(state, id).await? else {
        return Ok(no_message());
    };
    let facts = format!(
        "<section><dl><dt>To</dt><dd>{}</dd><dt>Sent</dt><dd>{}</dd></dl></section>",
        escaped(&message.to),
        sent(&at, |at| format!("{} <span class=\"quiet\">({})</span>", ago(at, now), exact(at)))
    );
    let text = format!("<section><h2>Text</h2><pre>{}</pre></section>", escaped(&message.text));
    Ok(match message.kind {
        MessageKind::Sms => document("Text message", &(facts + &text)).into_response(),
        MessageKind::Mail => {
            let sandbox = "allow-popups allow-popups-to-escape-sandbox";
            let html = format!(
                "<section><h2>Email</h2><iframe src=\"/outbox/{id}/frame\" title=\"The email\" sandbox=\"{sandbox}\"></iframe>\
                 <p><a href=\"/outbox/{id}\">Open the email alone</a></p></section>"
            );
            document(&message.subject, &[facts, html, text].concat()).into_response()
        }
    })
}

async fn frame(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, Failure> {
    let Some(kept) = find(state, id).await? else {
        return Ok(no_message());
    };
    let html = kept.message.html.replacen("<head>", "<head><base target=\"_blank\">", 1);
    let headers = [(header::CONTENT_SECURITY_POLICY, FRAMED), (header::X_FRAME_OPTIONS, "SAMEORIGIN")];
    Ok((headers, Html(html)).into_response())
}

fn no_message() -> Response {
    (StatusCode::NOT_FOUND, document("No such message", "")).into_response()
}

async fn find(state: AppState, id: i64) -> Result<Option<StoredMessage>, Failure> {
    Ok(read(state).await?.into_iter().find(|kept| kept.id == id))
}

async fn read(state: AppState) -> Result<Vec<StoredMessage>, Failure> {
    tokio::task::spawn_blocking(move || state.store().read(all))
        .await
        .map_err(|error| Failure(ApiError::unknown(error)))?
        .map_err(Failure)
}

struct Failure(ApiError);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, self.0.message).into_response()
    }
}
