//! Secrets that a page shows once: the answer to a form, which no browser and no cache stores.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A secret that a page shows once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Revealed {
    /// An authenticator app that waits for its first code.
    Authenticator(NewAuthenticator),
    /// The recovery codes.
    RecoveryCodes(Vec<String>),
}

/// The secret of an authenticator app, in the formats that apps accept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAuthenticator {
    /// The secret in base32.
    pub secret: String,
    /// The `otpauth:` address, which opens an app on the same device. It contains the secret.
    pub uri: String,
    /// The address as a QR code.
    pub qr: QrCode,
}

/// A QR code for an SVG.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QrCode {
    /// The width and height of the `viewBox`, with the quiet zone.
    pub size: usize,
    /// The dark modules, as a path's `d`.
    pub path: String,
}

impl fmt::Debug for Revealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authenticator(_) => "Authenticator",
            Self::RecoveryCodes(_) => "RecoveryCodes",
        })
    }
}
