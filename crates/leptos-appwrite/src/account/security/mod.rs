//! The second factor of a signed-in account: its state, the authenticator app, recovery codes, on and off.
//!
//! The pages `authenticator` and `recovery_codes` of [`SecurityPages`](crate::site::SecurityPages) show secrets once. Their
//! forms post to the page itself ([`FormAction::of_page`](crate::components::FormAction::of_page)), and the answer is
//! the page with a [`Revealed`](crate::session::revealed::Revealed).

#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod actions;
#[cfg(feature = "ssr")]
pub(crate) mod answers;
#[cfg(feature = "ssr")]
mod qr;
mod state;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod verify;

pub use actions::{
    RemoveAuthenticator, TurnOffSecondFactor, TurnOnSecondFactor, account_security, remove_authenticator,
    turn_off_second_factor, turn_on_second_factor,
};
pub use state::SecondFactorState;
pub use verify::{AskToVerify, VerifyAgain, ask_to_verify, verify_again};
