//! Reads what the server has written into the page for hydration: serialized data, errors, and which boundaries show their fallback.
//!
//! Does what Leptos's `HydrateSharedContext` does. That type also formats errors for developers, with code and tables of which each visitor
//! would load four kilobytes.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use hydration_context::{PinnedFuture, PinnedStream, SerializedDataId, SharedContext};
use leptos::error::{Error, ErrorId};
use leptos::prelude::window;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::js_sys::{Array, Reflect};

/// The list of serialized data, by id. The page's script of data makes all three lists, before the app starts.
const DATA: &str = "__RESOLVED_RESOURCES";

/// The list of errors: the id of the boundary that shows the error, the error's id, and its text.
const ERRORS: &str = "__SERIALIZED_ERRORS";

/// The list of the boundaries that show their fallback, because they wait for something that only browsers have.
const INCOMPLETE: &str = "__INCOMPLETE_CHUNKS";

/// The context of an app that hydrates a page.
pub struct PageContext {
    next: AtomicUsize,
    during_hydration: AtomicBool,
    is_hydrating: AtomicBool,
}

/// An error of the server.
struct SerializedError(String);

impl PageContext {
    pub fn new() -> Self {
        Self { next: AtomicUsize::new(0), during_hydration: AtomicBool::new(true), is_hydrating: AtomicBool::new(true) }
    }
}

/// Returns the page's list of this name. An empty one, if the page has none.
fn list(name: &str) -> Array {
    Reflect::get(&window(), &name.into()).ok().and_then(|list| list.dyn_into().ok()).unwrap_or_default()
}

fn id(number: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ids count what a page has of a kind")]
    let id = number as usize;
    id
}

fn error(entry: &Array) -> Option<(SerializedDataId, ErrorId, Error)> {
    let boundary = SerializedDataId::new(id(entry.get(0).as_f64()?));
    let error = ErrorId::from(id(entry.get(1).as_f64()?));
    Some((boundary, error, SerializedError(entry.get(2).as_string()?).into()))
}

impl SharedContext for PageContext {
    fn is_browser(&self) -> bool {
        true
    }

    fn next_id(&self) -> SerializedDataId {
        SerializedDataId::new(self.next.fetch_add(1, Ordering::Relaxed))
    }

    fn write_async(&self, _: SerializedDataId, _: PinnedFuture<String>) {}

    fn read_data(&self, id: &SerializedDataId) -> Option<String> {
        let index = u32::try_from(id.clone().into_inner()).ok()?;
        self.during_hydration().then(|| list(DATA).get(index).as_string()).flatten()
    }

    fn await_data(&self, _: &SerializedDataId) -> Option<String> {
        None
    }

    fn pending_data(&self) -> Option<PinnedStream<String>> {
        None
    }

    fn during_hydration(&self) -> bool {
        self.during_hydration.load(Ordering::Relaxed)
    }

    fn hydration_complete(&self) {
        self.during_hydration.store(false, Ordering::Relaxed);
    }

    fn get_is_hydrating(&self) -> bool {
        self.is_hydrating.load(Ordering::Relaxed)
    }

    fn set_is_hydrating(&self, is_hydrating: bool) {
        self.is_hydrating.store(is_hydrating, Ordering::Relaxed);
    }

    fn take_errors(&self) -> Vec<(SerializedDataId, ErrorId, Error)> {
        list(ERRORS).iter().filter_map(|entry| error(entry.dyn_ref()?)).collect()
    }

    fn errors(&self, boundary_id: &SerializedDataId) -> Vec<(ErrorId, Error)> {
        if !self.during_hydration() {
            return vec![];
        }
        let errors = self.take_errors().into_iter();
        errors.filter(|(boundary, ..)| boundary == boundary_id).map(|(_, id, error)| (id, error)).collect()
    }

    fn seal_errors(&self, _: &SerializedDataId) {}

    fn register_error(&self, _: SerializedDataId, _: ErrorId, _: Error) {}

    fn defer_stream(&self, _: PinnedFuture<()>) {}

    fn await_deferred(&self) -> Option<PinnedFuture<()>> {
        None
    }

    fn set_incomplete_chunk(&self, _: SerializedDataId) {}

    fn get_incomplete_chunk(&self, id: &SerializedDataId) -> bool {
        self.during_hydration() && list(INCOMPLETE).includes(&id.clone().into_inner().into(), 0)
    }
}

impl fmt::Debug for PageContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageContext")
    }
}

impl fmt::Display for SerializedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SerializedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SerializedError {}
