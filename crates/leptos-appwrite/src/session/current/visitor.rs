//! Views that a server makes for one user and keeps for others.

use leptos::prelude::*;

use super::{CurrentVisit, side};
use crate::session::Visit;
use crate::theme::current_theme;

/// True if the page shows neither the result of a form nor an error.
pub(crate) fn has_no_result() -> bool {
    use_context::<CurrentVisit>()
        .is_some_and(|current| current.read(|visit| visit.submission.is_none() && visit.failure.is_none()))
}

/// Runs `make` with the contexts of a visitor's page: without a user, a message, or headers of the request.
pub(crate) fn like_a_visitor<T>(make: impl FnOnce() -> T) -> T {
    let visit = CurrentVisit::current().read(|visit| Visit {
        sign_in_methods: visit.sign_in_methods.clone(),
        database: visit.database.clone(),
        outbox: visit.outbox.clone(),
        ..Visit::default()
    });
    let theme = current_theme();
    Owner::new().with(|| {
        let (visit, is_over, failure) = (StoredValue::new(visit), RwSignal::new(false), RwSignal::new(None));
        provide_context(CurrentVisit { visit, is_over, failure });
        side::provide_visitor(theme);
        make()
    })
}
