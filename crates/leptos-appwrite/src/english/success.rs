//! Sentences that report the success of an action. Only the server has them.

use crate::session::Success;

/// Says that an action succeeded; none for an action of the app.
pub fn success(success: &Success) -> Option<String> {
    match success {
        // Includes the value, because with two tabs the later change wins.
        Success::NameChanged(name) => Some(format!("Name changed to {name}.")),
        Success::EmailChanged(email) => Some(format!("Email changed to {email}. Confirm it to secure your account.")),
        Success::PhoneChanged(number) => Some(format!("Phone number changed to {number}. Confirm it below.")),
        Success::PasskeyRenamed(name) => Some(format!("Passkey renamed to {name}.")),
        other => plain_success(other).map(str::to_owned),
    }
}

fn plain_success(success: &Success) -> Option<&'static str> {
    match success {
        Success::PasswordChanged => Some("Password changed. Sign in with the new one."),
        Success::PasswordChangedOnly => {
            Some("Password changed, but your other devices could not be signed out. Request another link to try again.")
        }
        Success::PasswordChangedAndSecured => Some(
            "Password changed. For your security, we removed the phone number, passkeys, two-step verification, linked \
             services and other devices added before you confirmed your email. Sign in with the new password.",
        ),
        Success::PasswordChangedNotSecured => Some(
            "Password changed, but we couldn't remove everything that was added before you confirmed your email. Request \
             another link to try again.",
        ),
        Success::AccountSecured => Some(
            "For your security, we removed the password, phone number, passkeys, two-step verification, linked services and \
             other devices added before you confirmed your email. Request a reset link to set a new password.",
        ),
        Success::AccountNotSecured => Some(
            "Did you set up this account yourself? If not, someone else may be able to sign in: request a reset link and set a \
             new password now.",
        ),
        Success::SignedUp => Some("Your account is ready."),
        Success::SentAgain => Some("We sent another one. It may take a minute to arrive."),
        Success::EmailConfirmed => Some("Your email address is confirmed."),
        Success::AccountKept => Some("Your account is saved. Sign in with your email and password from now on."),
        Success::CodeSent => Some("We texted you a code. It expires in 15 minutes."),
        Success::PhoneConfirmed => Some("Your phone number is confirmed."),
        Success::OwnPasswordChanged => Some("Password changed."),
        Success::OwnPasswordChangedOnly => {
            Some("Password changed, but your other devices could not be signed out. Sign them out under Devices.")
        }
        Success::PasswordSet => Some("Password set. You can sign in with it from now on."),
        Success::SessionEnded => Some("The device is signed out."),
        Success::OtherSessionsEnded => Some("All other devices are signed out."),
        Success::ProviderUnlinked => Some("The service is unlinked."),
        Success::SecondFactorOn => Some("Two-step verification is on."),
        Success::SecondFactorOff => Some("Two-step verification is off."),
        Success::AuthenticatorAdded => Some("Your authenticator app is set up."),
        Success::AuthenticatorRemoved => Some("The authenticator app is removed."),
        Success::PasskeyAdded => Some("Passkey added. You can sign in with it from now on."),
        Success::PasskeyRemoved => Some("Passkey removed."),
        Success::SignedOut => Some("You're signed out."),
        Success::NameChanged(_)
        | Success::EmailChanged(_)
        | Success::PhoneChanged(_)
        | Success::PasskeyRenamed(_)
        | Success::Own { .. } => None,
    }
}
