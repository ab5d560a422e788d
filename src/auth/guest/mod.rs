//! Guest accounts, and saving them as full accounts.

mod enter;
mod hint;
mod keep;

pub use enter::GuestForm;
pub use hint::GuestHint;
pub use keep::KeepAccountForm;
