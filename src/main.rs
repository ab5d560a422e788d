//! Starts the server.

use std::process::ExitCode;

use leptos_birthdays::server::own_routes;
use leptos_birthdays::site::SITE;

#[tokio::main]
async fn main() -> ExitCode {
    match own_routes(|name| std::env::var(name).ok()) {
        Ok(own) => leptos_appwrite::start::run(&SITE, own).await,
        Err(problems) => {
            eprintln!("{problems}");
            ExitCode::FAILURE
        }
    }
}
