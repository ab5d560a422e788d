//! Sign-in with a passkey.
//!
//! A form with [`FormAction::with_passkey`](crate::components::FormAction::with_passkey) asks for the options
//! ([`AskPasskey`]), lets the browser use a passkey, and sends the browser's answer ([`SignInWithPasskey`]). Appwrite
//! counts a passkey as two factors.

#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod actions;
#[cfg(feature = "ssr")]
mod challenges;

pub use actions::{AskPasskey, SignInWithPasskey, ask_passkey, sign_in_with_passkey};
