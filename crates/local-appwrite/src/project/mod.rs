//! The project's own settings that an API key changes: its policies.

mod password;
mod policies;
mod routes;

pub(crate) use password::{
    adopt, check_age, check_history, check_personal_data, is_pwned, new_password, optional_new_password,
};
pub use policies::{PasswordStrength, Policies, Policy, PwnedPasswords, SecondFactors};
pub(crate) use routes::routes;
