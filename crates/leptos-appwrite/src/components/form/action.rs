//! A form's calls of its server function.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::error::AppError;

/// The server function that a form calls, and what it answered to this page.
#[derive(Clone, Copy)]
pub struct FormAction {
    path: &'static str,
    pub(super) is_unused: RwSignal<bool>,
    pub(super) is_pending: RwSignal<bool>,
    pub(super) answer: RwSignal<Option<Result<(), AppError>>>,
}

impl FormAction {
    /// Calls of `S`, none so far. Its arguments are the form's fields.
    pub fn of<S: ServerFn<Output = (), Error = AppError>>() -> Self {
        Self {
            path: S::PATH,
            is_unused: RwSignal::new(true),
            is_pending: RwSignal::new(false),
            answer: RwSignal::new(None),
        }
    }

    /// Where the form is posted to.
    pub fn path(self) -> &'static str {
        self.path
    }

    /// Whether this page has not called it yet.
    pub fn is_unused(self) -> bool {
        self.is_unused.get()
    }

    /// Whether an answer is awaited.
    pub fn is_pending(self) -> bool {
        self.is_pending.get()
    }

    /// The last answer; none before the first one and while the next one is awaited.
    pub fn answer(self) -> Option<Result<(), AppError>> {
        self.answer.get()
    }

    /// Whether the last call did what was asked.
    pub fn is_done(self) -> bool {
        self.answer.with(|answer| *answer == Some(Ok(())))
    }

    /// Whether the last call was refused with this error.
    pub fn is_refused_with(self, error: &AppError) -> bool {
        self.answer.with(|answer| answer.as_ref().is_some_and(|answer| answer.as_ref() == Err(error)))
    }
}
