//! Creates the app's tables (`src/tables.rs`) in the Appwrite that the environment names. `make table` runs it.

use std::process::ExitCode;

use leptos_birthdays::site::SITE;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    leptos_appwrite::tables::command::run(&SITE).await
}
