//! English for [`Wording`](crate::site::Wording), for apps without their own texts (feature `english`).

mod connection;
#[cfg(feature = "presence")]
mod presence;
#[cfg(not(feature = "presence"))]
#[path = "presence/absent.rs"]
mod presence;
#[cfg(feature = "ssr")]
mod success;
#[cfg(not(feature = "ssr"))]
#[path = "success/absent.rs"]
mod success;

pub use presence::also_here;
pub use success::success;

use crate::error::{AppError, Problem};
use crate::password_strength::{PasswordStrength, SHORTEST_PASSWORD};
use crate::site::Wording;

/// English texts for every place where this crate shows text.
pub const WORDING: Wording = Wording {
    lang: "en",
    error: sentence,
    heading: |error| heading(error).to_owned(),
    problem,
    success,
    password_strength,
    connection: connection::parts,
    end_reason: |reason| connection::of_end_reason(reason).to_owned(),
    also_here,
    alone_here: "While this page is open, people who are signed in see your name here.",
    sign_in_again: "Sign in again",
    text_cut: "Some of your text was too long to save. Please enter it again.",
    too_many_cookies: [
        "Too many cookies",
        "Your browser sent more data than this site accepts, usually because of too many cookies. Clear this site's \
         cookies in your browser's settings, then try again.",
    ],
    wrong_address: [
        "This site has another address",
        "You opened it at an address where signing in doesn't work. Continue at its own address:",
    ],
    one_moment: "One moment…",
    continue_link: "Continue",
    request_id: "Request ID",
    home_link: "Go to the home page",
    show: "Show",
    hide: "Hide",
};

/// Says what happened and what to do.
pub fn sentence(error: &AppError) -> String {
    match error {
        AppError::Invalid(errors) if errors.len() > 1 => "Please fix the fields below.".into(),
        AppError::Invalid(_) => "Please fix the field below.".into(),
        AppError::InvalidCredentials => "Incorrect email or password.".into(),
        AppError::LinkInvalid => "This link was already used, or it has expired. Request a new one.".into(),
        AppError::StartAgain => "This sign-in expired or started in another browser. Start again.".into(),
        AppError::MethodUnavailable => "This is switched off on this site. Choose another method.".into(),
        AppError::EmailTaken => "An account with this email already exists.".into(),
        AppError::ProviderRefused { provider } => {
            format!("{provider} didn't confirm your sign-in. Try again or choose another method.")
        }
        AppError::ProviderEmailTaken { provider } => format!(
            "An account with your email already exists, and {provider} has not verified that the address is yours. Sign in \
             another way."
        ),
        AppError::SignedOut => "You are signed out. Sign in to continue.".into(),
        AppError::MoreFactorsRequired => "Your account needs a second factor to sign in.".into(),
        AppError::ChallengeRequired => "Verify it's you to continue.".into(),
        AppError::RecentSignInRequired => "Verify it's you to continue.".into(),
        AppError::PasskeyRefused => {
            "That passkey didn't work. It may have been removed or timed out. Try again or choose another method."
                .into()
        }
        AppError::PasskeyCancelled => "No passkey was used. Try again or choose another method.".into(),
        AppError::PasskeyExists => "This device already has a passkey for your account.".into(),
        AppError::TooManyPasskeys => "You've reached the passkey limit. Remove one first.".into(),
        AppError::PasskeysUnsupported => "This browser can't use passkeys here. Choose another method.".into(),
        AppError::PasswordResetRequired => {
            "Your password must be changed before you can sign in. Request a reset link.".into()
        }
        AppError::NoPassword => "Your account has no password. Set one first.".into(),
        AppError::LastSignInMethod => "This is your only way to sign in. Add another one first.".into(),
        AppError::OtherAccount => "You're signed in with a different account now. Nothing was changed.".into(),
        AppError::SignInToConfirm => {
            "Sign in to the account with this email first. Then open the link in the email again.".into()
        }
        AppError::NumberNotConfirmed => {
            "This number belonged to an account that had never confirmed it, so we removed it from that account. If \
             the account is yours, sign in another way and add the number again. If not, request a new code."
                .into()
        }
        AppError::NotAllDeleted { rows: 0 } => {
            "We deleted your entries, but not your account. Try again in a minute.".into()
        }
        AppError::NotAllDeleted { rows } => {
            let entries = if *rows == 1 { "1 entry".into() } else { format!("{rows} entries") };
            format!("We couldn't delete everything: {entries} and your account remain. Try again in a minute.")
        }
        AppError::Conflict => "There is a newer version. Your changes weren't saved.".into(),
        AppError::Blocked => "This account is blocked. Contact the owner of this site.".into(),
        AppError::Forbidden => "You don't have permission to do this.".into(),
        AppError::NotFound => "This doesn't exist or isn't shared with you.".into(),
        AppError::TooManyRequests { retry_after } => {
            format!("Too many attempts. Try again in {}.", duration_in_words(*retry_after))
        }
        AppError::CrossSite => {
            "This request came from another site, so we ignored it. Open this site and try again.".into()
        }
        AppError::BadRequest => "The server did not understand this request. Reload the page and try again.".into(),
        AppError::UnsupportedMediaType => "The server doesn't accept this type of content.".into(),
        AppError::TooLarge => "That is too large for the server. Send less.".into(),
        AppError::TooSlow => "The request took too long to arrive. Check your connection and try again.".into(),
        AppError::Busy => "This site is busy. Try again in a moment.".into(),
        AppError::OutOfDate => "This page is out of date. Reload it and try again.".into(),
        AppError::Offline => "The server cannot be reached. Check your connection and try again.".into(),
        AppError::BackendUnavailable => "We're having trouble connecting. Try again in a minute.".into(),
        AppError::Misconfigured => "This site isn't set up correctly. Contact its owner.".into(),
        AppError::Internal => "Something went wrong on our side. Try again in a minute.".into(),
    }
}

/// Returns the heading of a page that only shows an error.
pub fn heading(error: &AppError) -> &'static str {
    match error {
        AppError::Busy => "Please wait a moment",
        AppError::BackendUnavailable | AppError::Internal => "This page is not available right now",
        AppError::TooManyRequests { .. } => "Too many attempts",
        _ => "Something went wrong",
    }
}

/// Describes the problem with a field.
pub fn problem(problem: Problem, label: Option<&str>) -> String {
    match problem {
        Problem::Missing => {
            label.map_or_else(|| "This field is required.".into(), |label| format!("{label} is required."))
        }
        Problem::TooShort(least) => format!("Use at least {least} characters."),
        Problem::TooLong(most) => format!("Use at most {most} characters."),
        Problem::NotAnEmail => "Enter an email address, such as ann@example.com.".into(),
        Problem::NotADate => "Enter a valid date.".into(),
        Problem::InFuture => "Enter a date that is not in the future.".into(),
        Problem::TooEarly(year) => format!("Enter a date in {year} or later."),
        Problem::NotAChoice => "Choose one of these.".into(),
        Problem::NotAPhone => "Enter a phone number with its country code, such as +1 202 555 0123.".into(),
        Problem::WrongCode => "That code is wrong or expired. Try again or get a new one.".into(),
        Problem::UsedBefore => "You've used this password before. Choose a different one.".into(),
        Problem::PersonalData => "Don't use your name or email in your password.".into(),
        Problem::TooWeak => {
            "This password is too easy to guess. Use more characters, with uppercase and lowercase letters, a \
             number, and a symbol."
                .into()
        }
        Problem::Breached => "This password appeared in a data breach. Choose another one.".into(),
        // The form's message already explains it.
        Problem::Taken => String::new(),
        Problem::OfAnotherAccount => "Another account already uses this. Enter a different one.".into(),
        Problem::Unchanged => "Your account already uses this. Enter a different one.".into(),
        Problem::NotTheAccounts => "That's not the email or phone number of this account. Try again.".into(),
        Problem::WrongPassword => "That's not your password. Try again.".into(),
        Problem::Refused => "This value is not accepted. Try another one.".into(),
    }
}

/// Says how strong a new password is.
pub fn password_strength(strength: PasswordStrength) -> String {
    let text = match strength {
        PasswordStrength::TooShort(length) => return format!("Too short: {length} of {SHORTEST_PASSWORD} characters."),
        PasswordStrength::PersonalData => "Easy to guess: it has your name or email in it.",
        PasswordStrength::Common => "Easy to guess: it has a common password in it.",
        PasswordStrength::Pattern => "Easy to guess: it repeats itself or follows a pattern.",
        PasswordStrength::Weak => "Easy to guess: use more characters.",
        PasswordStrength::Fair => "Fair. A longer password is stronger.",
        PasswordStrength::Strong => "Strong.",
    };
    text.into()
}

/// Formats a duration: "40 seconds", "5 minutes".
fn duration_in_words(seconds: u64) -> String {
    let (number, unit) = if seconds < 90 { (seconds.max(1), "second") } else { (seconds.div_ceil(60), "minute") };
    if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_times_have_natural_units() {
        assert_eq!(duration_in_words(0), "1 second");
        assert_eq!(duration_in_words(40), "40 seconds");
        assert_eq!(duration_in_words(91), "2 minutes");
        assert_eq!(duration_in_words(3600), "60 minutes");
    }
}
