//! Guest accounts, and saving them as full accounts.

mod enter;
mod hint;
mod keep;
mod leave;
mod sign_out;

pub use enter::GuestPage;
pub use hint::GuestHint;
pub use keep::KeepAccountForm;
pub use leave::{GuestRowsNotice, LeaveGuestPage};
pub use sign_out::{SignOutButton, SignOutPage};
