//! The driver of the connection, in the part of the wasm for signed-in users: every page of theirs listens. In a part of its own, it
//! would share code with others in seven more files.

use std::rc::Rc;

use leptos::wasm_split::{SplitLoaderError, wasm_split};

use super::command::Drive;
use super::driver::Driver;
use crate::routes::PartMissing;

#[wasm_split(signed_in, wasm_split_path = ::leptos::wasm_split, fallible)]
fn start_driver(user_id: String) -> Result<Rc<dyn Drive>, SplitLoaderError> {
    Ok(Driver::start(&user_id))
}

/// Loads the driver and starts it.
pub(super) async fn start(user_id: String) -> Result<Rc<dyn Drive>, PartMissing> {
    start_driver(user_id).await.map_err(|_| PartMissing)
}
