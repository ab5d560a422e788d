//! The visit as the components of a page see it.

use leptos::prelude::*;
use leptos_router::hooks::use_url;

use super::methods::SignInMethods;
use super::pending_sign_in::PendingView;
use super::side::{self, UserView};
use super::submission::Submission;
use super::visit::SignedInUser;
use crate::error::AppError;

/// The visit as signals: what was news to the first page is none to the next.
#[derive(Clone, Copy)]
struct CurrentVisit {
    user: StoredValue<Option<SignedInUser>>,
    owes_factor: bool,
    is_person_unknown: bool,
    submission: RwSignal<Option<Submission>>,
    notice: RwSignal<Option<AppError>>,
    success: RwSignal<Option<String>>,
    pending_sign_in: StoredValue<Option<PendingView>>,
    sign_in_methods: StoredValue<SignInMethods>,
    failure: RwSignal<Option<AppError>>,
    database: StoredValue<String>,
    is_local: bool,
}

/// The person as the app sees them.
#[derive(Clone, Copy)]
struct CurrentUser<U: UserView>(StoredValue<Option<U>>);

/// Makes the visit known to all components below, with the person as `U`, a type of the app's own. Call it once, inside the
/// router.
pub fn provide_visit<U: UserView>() {
    let visit = SharedValue::new(side::visit).into_inner();
    provide_context(CurrentUser::<U>(StoredValue::new(SharedValue::new(side::user::<U>).into_inner())));
    let current = CurrentVisit {
        user: StoredValue::new(visit.user),
        owes_factor: visit.owes_factor,
        is_person_unknown: visit.is_person_unknown,
        submission: RwSignal::new(visit.submission),
        notice: RwSignal::new(visit.notice),
        success: RwSignal::new(visit.success),
        pending_sign_in: StoredValue::new(visit.pending_sign_in),
        sign_in_methods: StoredValue::new(visit.sign_in_methods),
        failure: RwSignal::new(visit.failure),
        database: StoredValue::new(visit.database),
        is_local: visit.is_local,
    };
    provide_context(current);
    let path = use_url();
    Effect::new(move |before: Option<String>| {
        let path = path.with(|url| url.path().to_owned());
        if before.is_some_and(|before| before != path) {
            current.submission.set(None);
            current.notice.set(None);
            current.success.set(None);
            current.failure.set(None);
        }
        path
    });
}

/// The person who is signed in, as the type that [`provide_visit`] was called with. Signing in and out load a new document,
/// so this does not change while a page stands.
pub fn use_user<U: UserView>() -> Option<U> {
    expect_context::<CurrentUser<U>>().0.get_value()
}

/// Id and name of the person who is signed in.
pub fn use_signed_in_user() -> Option<SignedInUser> {
    expect_context::<CurrentVisit>().user.get_value()
}

/// Whether somebody has signed in but for a second factor. Every page leads to that of the factor then, and only the
/// server knows how long: links load documents.
pub fn use_owes_factor() -> bool {
    expect_context::<CurrentVisit>().owes_factor
}

/// Whether the server could not find out who is here. It may be somebody who is signed in.
pub fn use_is_person_unknown() -> bool {
    expect_context::<CurrentVisit>().is_person_unknown
}

/// The id of the database.
pub fn use_database() -> String {
    expect_context::<CurrentVisit>().database.get_value()
}

/// Whether the accounts are in the local backend.
pub fn use_is_local() -> bool {
    expect_context::<CurrentVisit>().is_local
}

/// What the form posted to `action` came to, if this page was rendered as the answer to it.
pub fn take_submission(action: &str) -> Option<Submission> {
    let submission = expect_context::<CurrentVisit>().submission;
    submission.with_untracked(|submission| submission.clone().filter(|submission| submission.action == action))
}

/// Why the person is on this page and not where they wanted to be.
pub fn use_notice() -> Signal<Option<AppError>> {
    expect_context::<CurrentVisit>().notice.into()
}

/// What went as the person wished, as the app names it.
pub fn use_success() -> Signal<Option<String>> {
    expect_context::<CurrentVisit>().success.into()
}

/// The sign-in that this browser has under way. Each of its steps loads a new document, so it does not change while a
/// page stands.
pub fn use_pending_sign_in() -> Option<PendingView> {
    expect_context::<CurrentVisit>().pending_sign_in.get_value()
}

/// The ways in that are offered.
pub fn use_sign_in_methods() -> SignInMethods {
    expect_context::<CurrentVisit>().sign_in_methods.get_value()
}

/// Why there is no page at all.
pub fn use_failure() -> Signal<Option<AppError>> {
    expect_context::<CurrentVisit>().failure.into()
}
