//! Runs the app's tasks, but none before the page is hydrated.

use std::cell::RefCell;

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use wasm_bindgen_futures::spawn_local;

thread_local! {
    /// The tasks that wait for hydration; none after it.
    static KEPT: RefCell<Option<Vec<PinnedLocalFuture<()>>>> = const { RefCell::new(Some(Vec::new())) };
}

/// Keeps tasks, such as effects, until [`run_tasks`]. Must be called before Leptos starts one.
pub(super) fn keep_tasks() {
    // Fails only if the app is hydrated twice.
    let _ = Executor::init_custom_executor(AfterHydration);
}

/// Runs the kept tasks, and all later ones at once.
pub(super) fn run_tasks() {
    KEPT.take().into_iter().flatten().for_each(spawn_local);
}

struct AfterHydration;

impl CustomExecutor for AfterHydration {
    fn spawn(&self, task: PinnedFuture<()>) {
        self.spawn_local(task);
    }

    fn spawn_local(&self, task: PinnedLocalFuture<()>) {
        KEPT.with_borrow_mut(|kept| match kept {
            Some(kept) => kept.push(task),
            None => spawn_local(task),
        });
    }

    fn poll_local(&self) {}
}
