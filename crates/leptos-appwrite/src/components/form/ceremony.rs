//! The use of a passkey before a form is sent: WebAuthn calls it a ceremony.

#[cfg(not(feature = "ssr"))]
pub(super) mod browser;
#[cfg(not(feature = "ssr"))]
mod credentials;
#[cfg(all(not(feature = "ssr"), split))]
mod part;
#[cfg(all(not(feature = "ssr"), not(split)))]
#[path = "ceremony/part/whole.rs"]
mod part;
#[cfg(not(feature = "ssr"))]
pub(super) mod task;

/// A ceremony of a form.
#[derive(Clone, Copy)]
#[cfg_attr(feature = "ssr", expect(dead_code, reason = "only browsers use passkeys"))]
pub(super) struct Ceremony {
    /// The path of the server function that returns the options.
    pub ask: &'static str,
    /// True to create a passkey, false to use one.
    pub is_new: bool,
}
