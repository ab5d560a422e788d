//! Email verification.

mod banner;
mod confirm;
mod dismiss;

pub use banner::VerificationBanner;
pub use confirm::ConfirmPage;
pub use dismiss::is_dismissed;
