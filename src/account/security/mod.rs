//! The security pages: the second factor of the account.

mod answer_heading;
mod authenticator;
mod codes;
mod confirm;
mod overview;
mod verify;

pub use authenticator::AuthenticatorPage;
pub use codes::RecoveryCodesPage;
pub use confirm::{RemoveAuthenticatorPage, TurnOffPage};
pub use overview::SecurityPage;
pub use verify::VerifyPage;
