//! OAuth2 sign-in: redirects to the provider, handles its redirect back, and translates its errors.

#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod action;
#[cfg(feature = "ssr")]
mod finish;
#[cfg(feature = "ssr")]
mod pending;
#[cfg(feature = "ssr")]
mod refusal;
#[cfg(feature = "ssr")]
mod return_route;
#[cfg(feature = "ssr")]
mod start;

pub use action::{SignInWithProvider, sign_in_with_provider};
#[cfg(feature = "ssr")]
pub(crate) use return_route::routes;
