//! OAuth2 sign-in: redirects to the provider, handles its redirect back, and translates its errors.

pub mod departure;
mod refusal;
pub mod return_route;
