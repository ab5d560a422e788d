//! The second factor at sign-in.
//!
//! Appwrite creates the session after the first factor but refuses its requests until the second one is verified. The
//! session and its secret stay the same.

#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod actions;
#[cfg(feature = "ssr")]
pub(crate) mod challenge;

pub use actions::{
    AskSecondFactor, GiveSecondFactor, OwnFactors, ask_second_factor, give_second_factor, second_factors,
};
