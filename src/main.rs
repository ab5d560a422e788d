//! Starts the server.

use std::process::ExitCode;

use leptos_birthdays::server::own_routes;
use leptos_birthdays::site::SITE;

#[tokio::main]
async fn main() -> ExitCode {
    leptos_appwrite::start::run(&SITE, own_routes()).await
}
