//! Starts the server.

use leptos_appwrite::{server::OwnRoutes, start};

#[tokio::main]
async fn main() -> std::process::ExitCode {
    start::run(&notes::SITE, OwnRoutes::default()).await
}
