//! The success of an action, which the next page reports.

use serde::{Deserialize, Serialize};

/// An action that succeeded. [`use_success`](super::use_success) returns it on the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Success {
    /// The user has set a new password.
    PasswordChanged,
    /// The user has set a new password, but the other sessions could not be ended.
    PasswordChangedOnly,
    /// The user has set a new password. It was the first proof of the address, so earlier credentials no longer work.
    PasswordChangedAndSecured,
    /// The user has set a new password, but some credentials from before the first proof of the address could not be
    /// removed.
    PasswordChangedNotSecured,
    /// The user has proven the account's address for the first time; earlier credentials no longer work.
    AccountSecured,
    /// The user has proven the account's address, and others may still be able to sign in.
    AccountNotSecured,
    /// The user has created an account.
    SignedUp,
    /// Another link or code was sent.
    SentAgain,
    /// The user has confirmed their email address.
    EmailConfirmed,
    /// A guest has saved their account.
    AccountKept,
    /// The user has changed their name to this one.
    NameChanged(String),
    /// The user has changed their email address to this one, which is not confirmed yet.
    EmailChanged(String),
    /// The user has changed their phone number to this one.
    PhoneChanged(String),
    /// A code was sent to the user's phone number.
    CodeSent,
    /// The user has confirmed their phone number.
    PhoneConfirmed,
    /// The user has changed their password and stays signed in.
    OwnPasswordChanged,
    /// The user has changed their password, but the other sessions could not be ended.
    OwnPasswordChangedOnly,
    /// The user has set the account's first password.
    PasswordSet,
    /// The user has ended one of their sessions.
    SessionEnded,
    /// The user has ended all other sessions.
    OtherSessionsEnded,
    /// The user has unlinked a provider.
    ProviderUnlinked,
    /// The second factor is on.
    SecondFactorOn,
    /// The second factor is off.
    SecondFactorOff,
    /// The user has confirmed an authenticator app.
    AuthenticatorAdded,
    /// The user has removed the authenticator app.
    AuthenticatorRemoved,
    /// The user has added a passkey.
    PasskeyAdded,
    /// The user has given a passkey this new name.
    PasskeyRenamed(String),
    /// The user has removed a passkey.
    PasskeyRemoved,
    /// The user has signed out.
    SignedOut,
    /// An action of the app.
    Own {
        /// The app's own name for the action.
        action: String,
        /// The name of the changed object; may be empty.
        subject: String,
        /// The id of the changed object, if the next page shows it.
        id: Option<String>,
    },
}
