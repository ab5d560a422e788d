//! A ceremony to perform.

use web_sys::AbortSignal;

use super::Ceremony;

/// The way in which the browser asks the user for a passkey.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mediation {
    /// By a dialog.
    Optional,
    /// In the autofill of a field.
    Conditional,
}

/// A ceremony to perform.
pub(super) struct Task {
    pub ceremony: Ceremony,
    /// The form's fields, as a browser sends them.
    pub body: String,
    pub mediation: Mediation,
    pub signal: AbortSignal,
}
