//! The code of the estimate, in a part of the wasm of its own.

use leptos::wasm_split::{SplitLoaderError, wasm_split};

use super::PasswordStrength;
use super::estimate::Typed;
use crate::routes::PartMissing;

#[wasm_split(password_strength, wasm_split_path = ::leptos::wasm_split, fallible)]
fn estimate_in_part(typed: Typed) -> Result<PasswordStrength, SplitLoaderError> {
    Ok(typed.estimate())
}

/// Loads the code and estimates the password.
pub(crate) async fn estimate(typed: Typed) -> Result<PasswordStrength, PartMissing> {
    estimate_in_part(typed).await.map_err(|_| PartMissing)
}
