//! Sign-in with an account at another service, by OAuth2: the way out, the way back, and what the other side's refusals mean.

pub mod departure;
mod refusal;
pub mod return_route;
