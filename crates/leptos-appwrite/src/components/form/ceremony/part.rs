//! The code of the ceremonies, in a part of the wasm of its own.

use std::pin::Pin;

use leptos::wasm_split::{SplitLoaderError, wasm_split};

use super::credentials;
use super::task::Task;
use crate::error::AppError;
use crate::routes::PartMissing;

type Work = Pin<Box<dyn Future<Output = Result<String, AppError>>>>;

#[wasm_split(passkey, wasm_split_path = ::leptos::wasm_split, fallible)]
fn start_ceremony(task: Task) -> Result<Work, SplitLoaderError> {
    Ok(Box::pin(credentials::perform(task)))
}

/// Loads the code and starts the ceremony.
pub(super) async fn perform(task: Task) -> Result<Work, PartMissing> {
    start_ceremony(task).await.map_err(|_| PartMissing)
}
