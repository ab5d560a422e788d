//! Starts the server.

use std::process::ExitCode;

use leptos_birthdays::server::own_routes;
use leptos_birthdays::site::SITE;

// Rendering a page allocates often: the system's allocator would need a quarter of the time. Pages of 2 MB save no time and take
// 8 MB more: `no_thp` turns them off.
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
