//! The frame of every page for people, and the headers that guard it.

use axum::{
    extract::Request,
    http::{HeaderValue, header},
    middleware::Next,
    response::{Html, Response},
};

use crate::http::escaped;

/// The style sheet of all pages.
pub const STYLE: &str = include_str!("style.css");

const POLICY: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A page. `body` is markup; the title is text.
pub fn document(title: &str, body: &str) -> Html<String> {
    let title = escaped(title);
    page(
        &title,
        &format!(
            "<header><strong>local-appwrite</strong><nav aria-label=\"Pages\"><a href=\"/\">Overview</a> \
         <a href=\"/browse/users\">Users</a> <a href=\"/outbox\">Outbox</a></nav></header>\
         <main><h1>{title}</h1>{body}</main>\
         <footer>For development and tests only. Anyone who can open this page on this machine can read all data.</footer>"
        ),
    )
}

/// A page that only asks a question, without navigation.
pub fn dialog(title: &str, body: &str) -> Html<String> {
    let title = escaped(title);
    page(&title, &format!("<main class=\"dialog\"><section><h1>{title}</h1>{body}</section></main>"))
}

/// Title and body are markup.
fn page(title: &str, body: &str) -> Html<String> {
    Html(format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"UTF-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} · local-appwrite</title><link rel=\"stylesheet\" href=\"/browse/style.css\"></head>\
         <body>{body}</body></html>"
    ))
}

/// A table that scrolls inside its own box on a narrow screen, also by keyboard.
#[must_use]
pub fn scrolling(label: &str, heads: &[&str], lines: &str) -> String {
    let heads: String = heads.iter().map(|head| format!("<th scope=\"col\">{}</th>", escaped(head))).collect();
    format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{}\" tabindex=\"0\"><table><thead><tr>{heads}</tr></thead>\
         <tbody>{lines}</tbody></table></div>",
        escaped(label)
    )
}

/// Pages show secrets, so these headers forbid caching, framing, scripts and referrers.
pub async fn guarded(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fields = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in fields {
        // Keeps headers that the page has set itself.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}
