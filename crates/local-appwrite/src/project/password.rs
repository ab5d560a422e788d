//! Validates new passwords by the project's policies, with Appwrite's order and messages.

use crate::{ApiError, ErrorKind, Policies, clock::after, http::Call, identity::password, users::User};

/// A few of the most common passwords; Appwrite's list has ten thousand.
const COMMON: &[&str] = &[
    "00000000",
    "11111111",
    "12345678",
    "123456789",
    "1234567890",
    "1q2w3e4r",
    "87654321",
    "abcd1234",
    "administrator",
    "asdfghjkl",
    "baseball",
    "basketball",
    "changeme",
    "computer",
    "dragon123",
    "football",
    "iloveyou",
    "internet",
    "jennifer",
    "letmein1",
    "michelle",
    "monkey123",
    "passw0rd",
    "password",
    "password1",
    "password12",
    "password123",
    "princess",
    "qwerty123",
    "qwertyui",
    "qwertyuiop",
    "starwars",
    "sunshine",
    "superman",
    "trustno1",
    "welcome1",
    "welcome123",
    "whatever",
];

/// The new password in the parameter `password`.
///
/// # Errors
/// When it is absent, too short or too long, too weak, or a common one.
pub(crate) fn new_password(call: &Call<'_>) -> Result<String, ApiError> {
    let password = call.params.password("password")?;
    judge(&call.state.policies(), password)
}

/// The new password in the parameter `password`, or `None`.
///
/// # Errors
/// As [`new_password`], but it may be absent.
pub(crate) fn optional_new_password(call: &Call<'_>) -> Result<Option<String>, ApiError> {
    let password = call.params.optional_password("password")?;
    password.map(|password| judge(&call.state.policies(), password)).transpose()
}

fn judge(policies: &Policies, password: String) -> Result<String, ApiError> {
    if !policies.strength.is_met(&password) {
        return Err(ApiError::invalid_param("password", policies.strength.described()));
    }
    let is_listed = || COMMON.contains(&password.as_str()) || policies.denied_passwords.contains(&password);
    if policies.dictionary && is_listed() {
        // Appwrite's message says 265.
        return Err(ApiError::invalid_param(
            "password",
            "Password must be between 8 and 265 characters long, and should not be one of the commonly used password.",
        ));
    }
    if policies.pwned.as_new && is_pwned(policies, &password) == Some(true) {
        return Err(ErrorKind::UserPasswordPwned.into());
    }
    Ok(password)
}

/// Refuses a password that contains the user's id, name, email or phone number, or one of the policy's terms.
///
/// # Errors
/// `password_personal_data`.
pub(crate) fn check_personal_data(call: &Call<'_>, user: &User, password: &str) -> Result<(), ApiError> {
    let policies = call.state.policies();
    if !policies.personal_data {
        return Ok(());
    }
    let password = password.to_lowercase();
    let email = user.email.clone().unwrap_or_default();
    let phone = user.phone.clone().unwrap_or_default();
    let local = email.split('@').next().unwrap_or("");
    let known = [user.id.as_str(), &email, local, &user.name, &phone, phone.trim_start_matches('+')];
    let denied = policies.denied_terms.iter().map(String::as_str);
    if known.into_iter().chain(denied).any(|text| !text.is_empty() && password.contains(&text.to_lowercase())) {
        return Err(ErrorKind::UserPasswordPersonalData.into());
    }
    Ok(())
}

/// Refuses a password that the user has had.
///
/// # Errors
/// `password_recently_used`.
pub(crate) fn check_history(call: &Call<'_>, user: &User, password: &str) -> Result<(), ApiError> {
    let is_kept = call.state.policies().history > 0;
    if is_kept && user.password_history.iter().any(|hash| password::matches(password, hash)) {
        return Err(ErrorKind::UserPasswordRecentlyUsed.into());
    }
    Ok(())
}

/// Refuses a correct password that is too old or known from a data breach. A wrong password has its own error.
///
/// # Errors
/// `user_password_reset_required`.
pub(crate) fn check_age(call: &Call<'_>, user: &User, password: &str) -> Result<(), ApiError> {
    let policies = call.state.policies();
    let ages = policies.rotation.zip(user.password_update);
    let is_too_old = ages.is_some_and(|(age, set)| call.now >= after(set, age));
    let is_refused = policies.pwned.at_sign_in && is_pwned(&policies, password) == Some(true);
    if is_too_old || is_refused { Err(ErrorKind::UserPasswordResetRequired.into()) } else { Ok(()) }
}

/// Returns true if the password is known from a data breach; `None` if the project does not check this.
pub(crate) fn is_pwned(policies: &Policies, password: &str) -> Option<bool> {
    policies.pwned.is_looked_up.then(|| COMMON.contains(&password))
}

/// Sets the user's password, and updates its history and its state in data breaches.
pub(crate) fn adopt(call: &Call<'_>, user: &mut User, password: &str, hash: String) {
    let policies = call.state.policies();
    user.password_pwned = is_pwned(&policies, password);
    remember(&policies, user, &hash);
    user.set_password(hash, call.now);
}

/// Adds `hash` to the user's password history, up to the policy's length.
fn remember(policies: &Policies, user: &mut User, hash: &str) {
    let length = policies.history;
    if length == 0 {
        return;
    }
    user.password_history.push(hash.to_owned());
    let surplus = user.password_history.len().saturating_sub(length);
    user.password_history.drain(..surplus);
}
