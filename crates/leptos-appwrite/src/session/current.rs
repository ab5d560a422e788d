//! The visit, as components read it.

use leptos::prelude::*;
use leptos_router::hooks::use_url;

use super::methods::SignInMethods;
use super::pending_sign_in::PendingView;
use super::revealed::Revealed;
use super::side::{self, UserView};
use super::submission::Submission;
use super::success::Success;
use super::visit::{SignedInUser, Visit};
use crate::effect::effect;
use crate::error::AppError;
use crate::json::{self, Later};

#[cfg(feature = "ssr")]
pub(crate) mod visitor;

/// The visit, for all components below.
#[derive(Clone, Copy)]
struct CurrentVisit {
    visit: StoredValue<Visit>,
    /// True after a client-side navigation: then what concerned only the first page is over.
    is_over: RwSignal<bool>,
    failure: RwSignal<Option<AppError>>,
}

impl CurrentVisit {
    fn current() -> Self {
        expect_context()
    }

    fn read<T>(self, of: impl FnOnce(&Visit) -> T) -> T {
        self.visit.with_value(of)
    }

    /// Returns what concerns only the first page. Follows navigation only if there is something: else each would make the
    /// app's frame create the page again.
    fn of_first_page<T>(self, of: impl Fn(&Visit) -> Option<T>) -> Option<T> {
        let value = self.visit.try_with_value(of).flatten()?;
        (self.is_over.try_get() == Some(false)).then_some(value)
    }
}

/// The user, as the app's own type.
#[derive(Clone, Copy)]
struct CurrentUser<U: UserView>(StoredValue<Option<Later<U>>>);

/// Provides the visit to all components below, with the user as `U`, the app's own type. Call it once, inside the
/// router.
pub fn provide_visit<U: UserView>() {
    let visit = json::of_page(side::visit);
    provide_context(CurrentUser::<U>(StoredValue::new(json::of_page(side::user::<U>))));
    let failure = RwSignal::new(visit.failure.clone());
    let current = CurrentVisit { visit: StoredValue::new(visit), is_over: RwSignal::new(false), failure };
    provide_context(current);
    let url = use_url();
    let mut path = url.with_untracked(|url| url.path().to_owned());
    effect(move || {
        let next = url.with(|url| url.path().to_owned());
        if next == path {
            return;
        }
        path = next;
        if !current.is_over.get_untracked() {
            current.is_over.set(true);
        }
        if current.failure.with_untracked(Option::is_some) {
            current.failure.set(None);
        }
    });
}

/// Returns the signed-in user as the type passed to [`provide_visit`]. It is constant per document, because signing
/// in or out loads a new one.
pub fn use_user<U: UserView>() -> Option<U> {
    if side::is_like_a_visitor() {
        return None;
    }
    expect_context::<CurrentUser<U>>().0.with_value(|user| user.as_ref()?.read())
}

/// Returns the id and name of the signed-in user.
pub fn use_signed_in_user() -> Option<SignedInUser> {
    CurrentVisit::current().read(|visit| visit.user.clone())
}

/// True if a user is signed in.
pub fn use_is_signed_in() -> bool {
    CurrentVisit::current().read(|visit| visit.user.is_some())
}

/// True if the user still needs to complete a second factor. Every page then redirects to the second-factor page, so
/// links load documents: only the server knows when that ends.
pub fn use_needs_second_factor() -> bool {
    CurrentVisit::current().read(|visit| visit.needs_second_factor)
}

/// True if the server could not check the session. The user may be signed in.
pub fn use_is_person_unknown() -> bool {
    CurrentVisit::current().read(|visit| visit.is_person_unknown)
}

/// Returns the id of the database.
pub fn use_database() -> String {
    CurrentVisit::current().read(|visit| visit.database.clone())
}

/// Returns the address of the page with all emails and text messages, if the accounts are in the local backend, which is
/// for development and tests only.
pub fn use_outbox() -> Option<String> {
    CurrentVisit::current().read(|visit| visit.outbox.clone())
}

/// Returns the result of the form posted to `action`, if this page is the response to it.
pub fn take_submission(action: &str) -> Option<Submission> {
    let is_of_action = |submission: &&Submission| submission.action == action;
    untrack(|| CurrentVisit::current().of_first_page(|visit| visit.submission.as_ref().filter(is_of_action).cloned()))
}

/// Returns the reason for a redirect to this page, as a function that follows client-side navigation.
pub fn use_notice() -> impl Fn() -> Option<AppError> + Copy + Send + Sync + 'static {
    let current = CurrentVisit::current();
    move || current.of_first_page(|visit| visit.notice.clone())
}

/// Returns the action that succeeded before this page, as a function that follows client-side navigation.
pub fn use_success() -> impl Fn() -> Option<Success> + Copy + Send + Sync + 'static {
    let current = CurrentVisit::current();
    move || current.of_first_page(|visit| visit.success.as_ref()?.read())
}

/// Returns the sentence that reports that action, if the page has none of its own, as a function that follows client-side navigation.
pub fn use_success_text() -> impl Fn() -> Option<String> + Copy + Send + Sync + 'static {
    let current = CurrentVisit::current();
    move || current.of_first_page(|visit| visit.success_text.clone())
}

/// Returns the secret that this page shows once, as a function that follows client-side navigation.
pub fn use_revealed() -> impl Fn() -> Option<Revealed> + Copy + Send + Sync + 'static {
    let current = CurrentVisit::current();
    move || current.of_first_page(|visit| visit.revealed.as_ref()?.read())
}

/// True if this page shows a secret once, as a function that follows client-side navigation.
pub fn use_has_revealed() -> impl Fn() -> bool + Copy + Send + Sync + 'static {
    let current = CurrentVisit::current();
    move || current.of_first_page(|visit| visit.revealed.as_ref().map(|_| ())).is_some()
}

/// Returns this browser's pending sign-in. It is constant per document, because each of its steps loads a new one.
pub fn use_pending_sign_in() -> Option<PendingView> {
    CurrentVisit::current().read(|visit| visit.pending_sign_in.as_ref()?.read())
}

/// Returns the sign-in methods to offer.
pub fn use_sign_in_methods() -> SignInMethods {
    CurrentVisit::current().read(|visit| visit.sign_in_methods.clone())
}

/// Returns the error that replaces the page.
pub fn use_failure() -> Signal<Option<AppError>> {
    CurrentVisit::current().failure.into()
}

/// Shows an error instead of the page, until the user opens another page.
pub(super) fn show_failure(error: AppError) {
    CurrentVisit::current().failure.set(Some(error));
}
