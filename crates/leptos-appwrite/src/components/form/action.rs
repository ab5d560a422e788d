//! A form's calls to its server function.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::ceremony::Ceremony;
use crate::error::AppError;

/// The server function that a form calls, and its result on this page.
#[derive(Clone, Copy)]
pub struct FormAction {
    path: &'static str,
    /// True if the response is a page, which the browser loads.
    #[cfg_attr(feature = "ssr", expect(dead_code, reason = "only browsers submit forms"))]
    pub(super) is_page: bool,
    /// The passkey to create or use before the form is sent.
    #[cfg_attr(feature = "ssr", expect(dead_code, reason = "only browsers use passkeys"))]
    pub(super) ceremony: Option<Ceremony>,
    /// The number of completed calls on this page.
    pub(super) answers: RwSignal<u32>,
    pub(super) is_pending: RwSignal<bool>,
    pub(super) answer: RwSignal<Option<Result<(), AppError>>>,
}

impl FormAction {
    /// Creates the action for `S`. Its arguments are the form's fields.
    pub fn of<S: ServerFn<Output = (), Error = AppError>>() -> Self {
        Self::new(S::PATH, false)
    }

    /// Creates the action for `S`, whose form also sends the browser's response from a passkey. `Ask` returns the
    /// [options](crate::passkeys::PasskeyOptions) for it. Works only with JavaScript: show the form where
    /// [`use_has_passkeys`](super::use_has_passkeys) is true.
    pub fn with_passkey<S: ServerFn<Output = (), Error = AppError>, Ask: ServerFn<Error = AppError>>() -> Self {
        Self { ceremony: Some(Ceremony { ask: Ask::PATH, is_new: false }), ..Self::new(S::PATH, false) }
    }

    /// Like [`with_passkey`](Self::with_passkey), for a passkey that the browser creates. `Ask` gets the form's fields.
    pub fn with_new_passkey<S: ServerFn<Output = (), Error = AppError>, Ask: ServerFn<Error = AppError>>() -> Self {
        Self { ceremony: Some(Ceremony { ask: Ask::PATH, is_new: true }), ..Self::new(S::PATH, false) }
    }

    /// Creates the action of a page that answers its own form, for instance because it shows a secret once. The browser
    /// loads the answer like any page.
    pub fn of_page(page: &'static str) -> Self {
        Self::new(page, true)
    }

    fn new(path: &'static str, is_page: bool) -> Self {
        Self {
            path,
            is_page,
            ceremony: None,
            answers: RwSignal::new(0),
            is_pending: RwSignal::new(false),
            answer: RwSignal::new(None),
        }
    }

    /// Returns the path that the form posts to.
    pub fn path(self) -> &'static str {
        self.path
    }

    /// True until the first call of this page is answered.
    pub fn is_unused(self) -> bool {
        self.answers.get() == 0
    }

    /// True while a call is pending.
    pub fn is_pending(self) -> bool {
        self.is_pending.get()
    }

    /// Returns the last result. Keeps the previous result during a call, so that nothing moves under the pointer.
    pub fn answer(self) -> Option<Result<(), AppError>> {
        self.answer.get()
    }

    /// True if the last call succeeded.
    pub fn is_done(self) -> bool {
        self.answer.with(|answer| *answer == Some(Ok(())))
    }

    /// True if the last call failed with this error.
    pub fn is_refused_with(self, error: &AppError) -> bool {
        self.answer.with(|answer| answer.as_ref().is_some_and(|answer| answer.as_ref() == Err(error)))
    }
}
