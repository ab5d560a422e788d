//! The tasks in which Leptos loads a page's resources: they belong to the request that renders the page, so that log lines and
//! traces name it.

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use tracing::Instrument;

use crate::request_id;
use crate::traces::in_current_trace;

/// Tokio's tasks, with the context of the current request.
struct OfTheRequest;

impl CustomExecutor for OfTheRequest {
    fn spawn(&self, task: PinnedFuture<()>) {
        tokio::spawn(in_current_trace(request_id::of_current(task)).in_current_span());
    }

    fn spawn_local(&self, task: PinnedLocalFuture<()>) {
        tokio::task::spawn_local(task);
    }

    fn poll_local(&self) {}
}

/// Makes Leptos use these tasks. Must run before Leptos chooses its own tasks.
pub(super) fn install() {
    // Fails if another server in the process was first.
    let _ = Executor::init_custom_executor(OfTheRequest);
}
