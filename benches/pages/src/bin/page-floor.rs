//! The least that a server can do for the same pages: axum, maud and reqwest. It has no forms that work, no session checks, no limits,
//! no headers.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, serve};
use clap::Parser;
use maud::{DOCTYPE, Markup, html};
use reqwest::Client;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpListener;

/// The floor.
#[derive(Parser, Clone)]
struct Arguments {
    /// The port on 127.0.0.1.
    #[arg(long)]
    port: u16,
    /// Appwrite's endpoint.
    #[arg(long)]
    appwrite: String,
}

#[derive(Clone)]
struct Appwrite {
    client: Client,
    endpoint: String,
}

#[derive(Deserialize)]
struct Account {
    #[serde(rename = "$id")]
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct List {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "$id")]
    id: String,
    #[serde(rename = "$permissions")]
    permissions: Vec<String>,
    name: String,
    birthday: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let Arguments { port, appwrite } = Arguments::parse();
    let router = Router::new()
        .route("/login", get(sign_in))
        .route("/birthdays", get(birthdays))
        .with_state(Appwrite { client: Client::new(), endpoint: appwrite });
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("page-floor listening");
    serve(listener, router).await
}

impl Appwrite {
    async fn read<T: DeserializeOwned>(&self, path: &str, session: &str) -> reqwest::Result<T> {
        let request = self.client.get(format!("{}{path}", self.endpoint));
        let request = request.header("x-appwrite-project", "demo").header("x-appwrite-session", session);
        request.send().await?.error_for_status()?.json().await
    }
}

async fn sign_in() -> Markup {
    document(
        "Sign in",
        None,
        html! {
            h1 { "Sign in" }
            form class="form" method="post" action="/actions/sign_in" {
                @for (name, label, kind) in [("email", "Email", "email"), ("password", "Password", "password")] {
                    div class="field" {
                        label for=(name) { (label) }
                        input id=(name) name=(name) type=(kind) required;
                    }
                }
                button class="button" { "Sign in" }
            }
            p { a href="/signup" { "Create account" } " · " a href="/recovery" { "Forgot your password?" } }
        },
    )
}

async fn birthdays(State(appwrite): State<Appwrite>, headers: HeaderMap) -> Response {
    let cookies = headers.get(header::COOKIE).and_then(|cookies| cookies.to_str().ok()).unwrap_or_default();
    let Some(session) = cookies.split("; ").find_map(|pair| pair.strip_prefix("session=")) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let rows = appwrite.read::<List>("/tablesdb/main/tables/birthdays/rows", session);
    match tokio::try_join!(appwrite.read::<Account>("/account", session), rows) {
        Ok((account, list)) => list_of(&account, &list.rows).into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

fn list_of(account: &Account, rows: &[Row]) -> Markup {
    let mine = format!("update(\"user:{}\")", account.id);
    document(
        "Birthdays",
        Some(&account.name),
        html! {
            h1 { "Birthdays" }
            ul class="rows" {
                @for row in rows {
                    li class="row" {
                        div class="row-text" {
                            span class="row-name" { (row.name) }
                            span class="row-facts" { time datetime=(row.birthday) { (row.birthday) } }
                        }
                        @if row.permissions.contains(&mine) {
                            div class="row-controls" {
                                a class="button" href={ "/birthdays/" (row.id) "/edit" } { "Edit" }
                                a class="button" href={ "/birthdays/" (row.id) "/delete" } { "Delete" }
                            }
                        }
                    }
                }
            }
            form class="form" method="post" action="/actions/add_birthday" {
                @for (name, label, kind) in [("name", "Name", "text"), ("date", "Birthday", "date")] {
                    div class="field" {
                        label for=(name) { (label) }
                        input id=(name) name=(name) type=(kind) required;
                    }
                }
                button class="button" { "Add birthday" }
            }
        },
    )
}

fn document(title: &str, person: Option<&str>, page: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
            }
            body {
                header class="header" {
                    nav {
                        ul {
                            li { a href="/" { "Home" } }
                            li { a href="/birthdays" { "Birthdays" } }
                            @if let Some(person) = person { li { (person) } }
                        }
                    }
                }
                main id="main" { (page) }
            }
        }
    }
}
