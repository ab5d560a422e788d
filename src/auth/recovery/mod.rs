//! Password reset by email.

mod ask;
mod renew;

pub use ask::{RecoveryPage, RecoverySentPage};
pub use renew::NewPasswordPage;
