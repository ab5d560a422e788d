//! The project's own settings that an API key changes: its policies.

mod password;
mod policies;
mod routes;

pub(crate) use password::{check_history, check_personal_data, new_password, optional_new_password, remember};
pub use policies::{PasswordStrength, Policies, Policy};
pub(crate) use routes::routes;
