//! Starts the server.

use std::process::ExitCode;

use leptos_birthdays::server::own_routes;
use leptos_birthdays::site::SITE;

// Rendering a page allocates often: the system's allocator would need a quarter of the time. `no_thp` keeps it from taking
// memory in pages of 2 MB, which saves nothing.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
