//! Email verification.

mod banner;
mod confirm;

pub use banner::VerificationBanner;
pub use confirm::ConfirmPage;
