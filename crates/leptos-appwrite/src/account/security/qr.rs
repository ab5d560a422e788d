//! The QR code of an authenticator app.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode as Encoded};
use url::Url;

use crate::session::revealed::{NewAuthenticator, QrCode};

/// The width of the empty border that scanners need, in modules.
const QUIET_ZONE: usize = 4;

/// The longest address that we draw. Appwrite's have about 250 bytes.
const MAX_ADDRESS_LENGTH: usize = 1024;

impl NewAuthenticator {
    /// Parses the address of an authenticator app. Returns none if the format is not Appwrite's.
    pub fn of_uri(uri: &str) -> Option<Self> {
        if uri.len() > MAX_ADDRESS_LENGTH || !uri.starts_with("otpauth://totp/") {
            return None;
        }
        let address = Url::parse(uri).ok()?;
        let (_, secret) = address.query_pairs().find(|(name, _)| name == "secret")?;
        let is_base32 = !secret.is_empty() && secret.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let qr = is_base32.then(|| draw(uri)).flatten()?;
        Some(Self { secret: secret.into_owned(), uri: uri.to_owned(), qr })
    }
}

/// Draws each run of dark modules as a rectangle. Returns none for a text that is too long.
fn draw(text: &str) -> Option<QrCode> {
    let code = Encoded::with_error_correction_level(text, EcLevel::L).ok()?;
    let (width, mut path) = (code.width(), String::new());
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, next| one == next) {
            if run[0] == Color::Dark {
                let (left, top, length) = (x + QUIET_ZONE, y + QUIET_ZONE, run.len());
                // Writing to a string does not fail.
                let _ = write!(path, "M{left} {top}h{length}v1h-{length}z");
            }
            x += run.len();
        }
    }
    Some(QrCode { size: width + 2 * QUIET_ZONE, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_and_qr_code_come_from_the_totp_uri() {
        let uri = "otpauth://totp/Demo%3Aann%40example.com?issuer=Demo&secret=XP5FBHSG";
        let app = NewAuthenticator::of_uri(uri).expect("an app");
        assert_eq!((app.secret.as_str(), app.uri.as_str()), ("XP5FBHSG", uri));
        // The finder pattern in the corner starts with a row of seven dark modules.
        assert!(app.qr.path.starts_with("M4 4h7v1h-7z"), "{}", app.qr.path);
        assert_eq!((app.qr.size - 2 * QUIET_ZONE - 17) % 4, 0);
    }

    #[test]
    fn other_addresses_are_refused() {
        let long = format!("otpauth://totp/a?secret={}", "A".repeat(1024));
        for uri in ["", "https://evil.example?secret=A", "otpauth://totp/a", "otpauth://totp/a?secret=<b>", &long] {
            assert!(NewAuthenticator::of_uri(uri).is_none(), "{uri}");
        }
    }
}
