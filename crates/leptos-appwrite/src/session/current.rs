//! The visit, as components read it.

use leptos::prelude::*;
use leptos_router::hooks::use_url;

use super::methods::SignInMethods;
use super::pending_sign_in::PendingView;
use super::revealed::Revealed;
use super::side::{self, UserView};
use super::submission::Submission;
use super::success::Success;
use super::visit::SignedInUser;
use crate::error::AppError;

/// The visit as signals. Client-side navigation clears what only concerned the first page.
#[derive(Clone, Copy)]
struct CurrentVisit {
    user: StoredValue<Option<SignedInUser>>,
    needs_second_factor: bool,
    is_person_unknown: bool,
    submission: RwSignal<Option<Submission>>,
    notice: RwSignal<Option<AppError>>,
    success: RwSignal<Option<Success>>,
    revealed: RwSignal<Option<Revealed>>,
    pending_sign_in: StoredValue<Option<PendingView>>,
    sign_in_methods: StoredValue<SignInMethods>,
    failure: RwSignal<Option<AppError>>,
    database: StoredValue<String>,
    outbox: StoredValue<Option<String>>,
}

/// The user, as the app's own type.
#[derive(Clone, Copy)]
struct CurrentUser<U: UserView>(StoredValue<Option<U>>);

/// Provides the visit to all components below, with the user as `U`, the app's own type. Call it once, inside the
/// router.
pub fn provide_visit<U: UserView>() {
    let visit = SharedValue::new(side::visit).into_inner();
    provide_context(CurrentUser::<U>(StoredValue::new(SharedValue::new(side::user::<U>).into_inner())));
    let current = CurrentVisit {
        user: StoredValue::new(visit.user),
        needs_second_factor: visit.needs_second_factor,
        is_person_unknown: visit.is_person_unknown,
        submission: RwSignal::new(visit.submission),
        notice: RwSignal::new(visit.notice),
        success: RwSignal::new(visit.success),
        revealed: RwSignal::new(visit.revealed),
        pending_sign_in: StoredValue::new(visit.pending_sign_in),
        sign_in_methods: StoredValue::new(visit.sign_in_methods),
        failure: RwSignal::new(visit.failure),
        database: StoredValue::new(visit.database),
        outbox: StoredValue::new(visit.outbox),
    };
    provide_context(current);
    let path = use_url();
    Effect::new(move |before: Option<String>| {
        let path = path.with(|url| url.path().to_owned());
        if before.is_some_and(|before| before != path) {
            clear(current.submission);
            clear(current.notice);
            clear(current.success);
            clear(current.revealed);
            clear(current.failure);
        }
        path
    });
}

/// Clears a signal. Leaves an empty one alone: setting it again would make the app's frame create the page again.
fn clear<T: Send + Sync + 'static>(signal: RwSignal<Option<T>>) {
    if signal.with_untracked(Option::is_some) {
        signal.set(None);
    }
}

/// Returns the signed-in user as the type passed to [`provide_visit`]. It is constant per document, because signing
/// in or out loads a new one.
pub fn use_user<U: UserView>() -> Option<U> {
    expect_context::<CurrentUser<U>>().0.get_value()
}

/// Returns the id and name of the signed-in user.
pub fn use_signed_in_user() -> Option<SignedInUser> {
    expect_context::<CurrentVisit>().user.get_value()
}

/// True if the user still needs to complete a second factor. Every page then redirects to the second-factor page. Links
/// load documents, because only the server knows when the factor is complete.
pub fn use_needs_second_factor() -> bool {
    expect_context::<CurrentVisit>().needs_second_factor
}

/// True if the server could not check the session. The user may be signed in.
pub fn use_is_person_unknown() -> bool {
    expect_context::<CurrentVisit>().is_person_unknown
}

/// Returns the id of the database.
pub fn use_database() -> String {
    expect_context::<CurrentVisit>().database.get_value()
}

/// Returns the address of the page with all emails and text messages, if the accounts are in the local backend, which is
/// for development and tests only.
pub fn use_outbox() -> Option<String> {
    expect_context::<CurrentVisit>().outbox.get_value()
}

/// Returns the result of the form posted to `action`, if this page is the response to it.
pub fn take_submission(action: &str) -> Option<Submission> {
    let submission = expect_context::<CurrentVisit>().submission;
    submission.with_untracked(|submission| submission.clone().filter(|submission| submission.action == action))
}

/// Returns the reason for a redirect to this page.
pub fn use_notice() -> Signal<Option<AppError>> {
    expect_context::<CurrentVisit>().notice.into()
}

/// Returns the action that succeeded before this page.
pub fn use_success() -> Signal<Option<Success>> {
    expect_context::<CurrentVisit>().success.into()
}

/// Returns the secret that this page shows once.
pub fn use_revealed() -> Signal<Option<Revealed>> {
    expect_context::<CurrentVisit>().revealed.into()
}

/// Returns this browser's pending sign-in. It is constant per document, because each of its steps loads a new one.
pub fn use_pending_sign_in() -> Option<PendingView> {
    expect_context::<CurrentVisit>().pending_sign_in.get_value()
}

/// Returns the sign-in methods to offer.
pub fn use_sign_in_methods() -> SignInMethods {
    expect_context::<CurrentVisit>().sign_in_methods.get_value()
}

/// Returns the error that replaces the page.
pub fn use_failure() -> Signal<Option<AppError>> {
    expect_context::<CurrentVisit>().failure.into()
}

/// Shows an error instead of the page, until the user opens another page.
pub(super) fn show_failure(error: AppError) {
    expect_context::<CurrentVisit>().failure.set(Some(error));
}
