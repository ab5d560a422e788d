//! The first proof of an account's address.
//!
//! Anyone can create an account with another's address. Once the address's owner signs in by a proof, nothing that was set
//! before opens the account any more (no password, provider, phone number, passkey or session) or closes it to the owner (no
//! second factor).

use jiff::SignedDuration;

use appwrite_client::{AdminClient, AppwriteError, Claims, LinkedProvider, NewSession, Session};

use crate::session::Success;
use crate::state::AppState;

/// A provider that was linked longer ago has signed in before. Appwrite creates the link on the way back from the provider.
const NEW_LINK: SignedDuration = SignedDuration::from_mins(1);

/// The account before a proof.
pub(super) enum Before {
    /// Its credentials.
    Known(Claims),
    /// There is no such account.
    Missing,
    /// Appwrite did not say; the API key may lack the scope `users.read`.
    Unknown,
}

/// The address that the user proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Proven {
    Email,
    Phone,
    /// This provider vouches for the address that the account has there.
    Provider(String),
}

impl Proven {
    /// Tells the proof by the session that Appwrite made for it.
    pub fn by(session: &Session) -> Self {
        match session.provider.as_str() {
            "magic-url" | "token" | "email" => Self::Email,
            "phone" => Self::Phone,
            provider => Self::Provider(provider.to_owned()),
        }
    }
}

/// Reads what the account has. Call it before the proof, which verifies the address.
pub(super) async fn before(state: &AppState, user_id: &str) -> Before {
    match state.appwrite.admin().claims(user_id).await {
        Ok(claims) => Before::Known(claims),
        Err(error) if error.is_not_found() || matches!(error, AppwriteError::InvalidId) => Before::Missing,
        Err(error) => {
            tracing::warn!(%error, "an account could not be checked for who was there first: give the key users.read");
            Before::Unknown
        }
    }
}

/// Removes everything that was set before the first proof, except the session of the proof. Returns what to tell the user.
pub(super) async fn secure(
    state: &AppState,
    before: &Before,
    user_id: &str,
    by: &Proven,
    session: Option<&Session>,
) -> Option<Success> {
    match before {
        Before::Known(claims) if is_first(claims, by) => {
            match remove(&state.appwrite.admin(), claims, user_id, by, session).await {
                Ok(false) => None,
                Ok(true) => Some(Success::AccountSecured),
                Err(error) => {
                    tracing::warn!(%error, "an account keeps what was set before its address was proven");
                    Some(Success::AccountNotSecured)
                }
            }
        }
        Before::Known(_) | Before::Missing => None,
        Before::Unknown => Some(Success::AccountNotSecured),
    }
}

/// True if an account with a password is new to this browser. Without `users.read`, this is all that the server can know.
pub(super) async fn is_new_here(state: &AppState, session: &NewSession, is_known: impl FnOnce(&str) -> bool) -> bool {
    let user = state.appwrite.session(session.secret.clone()).account().await;
    user.is_ok_and(|user| user.password_update.is_some() && !is_known(&user.email))
}

fn is_first(claims: &Claims, by: &Proven) -> bool {
    match by {
        Proven::Email | Proven::Provider(_) => claims.has_email && !claims.email_verification,
        Proven::Phone => !claims.phone_verification && !claims.email_verification,
    }
}

/// True if Appwrite has just linked this provider for the sign-in that started the session.
fn is_new(link: &LinkedProvider, session: &Session) -> bool {
    let times = link.created_at.zip(session.created_at);
    times.is_none_or(|(linked, signed_in)| signed_in.duration_since(linked) < NEW_LINK)
}

/// Returns true if there was something to remove. Tries every step, and returns the first error.
async fn remove(
    admin: &AdminClient,
    claims: &Claims,
    user_id: &str,
    by: &Proven,
    session: Option<&Session>,
) -> Result<bool, AppwriteError> {
    let (linked, passkeys, factors) =
        tokio::join!(admin.linked_providers(user_id), admin.passkey_ids(user_id), admin.factors(user_id));
    let mut outcome = Ok(());
    if let (Proven::Provider(provider), Some(session)) = (by, session) {
        // Appwrite leaves the address unverified. So only a new link, for the account's own address, is a first proof.
        let is_proof =
            |link: &LinkedProvider| link.provider == *provider && link.has_same_email && is_new(link, session);
        match &linked {
            Ok(linked) if linked.iter().any(is_proof) => {}
            Ok(_) => return Ok(false),
            Err(_) => return linked.map(|_| false),
        }
    }
    let linked = linked.unwrap_or_else(|error| {
        outcome = Err(error);
        Vec::new()
    });
    let passkeys = passkeys.unwrap_or_else(|error| {
        outcome = Err(error);
        Vec::new()
    });
    let (has_authenticator, has_codes) = match factors {
        Ok(factors) => (factors.totp, factors.recovery_code),
        Err(error) => {
            outcome = Err(error);
            (false, false)
        }
    };
    let is_used = |link: &LinkedProvider| matches!(by, Proven::Provider(provider) if *provider == link.provider);
    let others: Vec<_> = linked.iter().filter(|link| !is_used(link)).collect();
    let loses_phone = claims.has_phone && *by != Proven::Phone;
    // Recovery has replaced the password already.
    let loses_password = claims.has_password && session.is_some();
    let loses_factor = claims.mfa || has_authenticator || has_codes;
    let has_claims = loses_password || loses_phone || loses_factor || !others.is_empty() || !passkeys.is_empty();
    if !has_claims && matches!(by, Proven::Provider(_)) {
        // The link may be new from another sign-in in the same minute, whose session stays.
        return outcome.map(|()| false);
    }
    if loses_password {
        outcome = outcome.and(admin.remove_password(user_id).await);
    }
    if loses_phone {
        outcome = outcome.and(admin.remove_phone(user_id).await);
    }
    if claims.mfa {
        outcome = outcome.and(admin.turn_off_mfa(user_id).await);
    }
    if has_authenticator {
        outcome = outcome.and(admin.delete_authenticator(user_id).await);
    }
    if has_codes {
        outcome = outcome.and(admin.void_recovery_codes(user_id).await);
    }
    for link in others {
        outcome = outcome.and(admin.unlink_provider(&link.id).await);
    }
    for passkey in passkeys {
        outcome = outcome.and(admin.delete_passkey(user_id, &passkey).await);
    }
    // The sessions go last, when nothing opens a new one.
    let (ended, of_sessions) = end_sessions(admin, user_id, session).await;
    outcome.and(of_sessions)?;
    Ok(has_claims || ended > 0)
}

/// Ends each session by a call of its own: for a call that ends several, Appwrite tells their open pages nothing.
async fn end_sessions(
    admin: &AdminClient,
    user_id: &str,
    kept: Option<&Session>,
) -> (usize, Result<(), AppwriteError>) {
    let ids = match admin.session_ids(user_id).await {
        Ok(ids) => ids,
        Err(error) => return (0, Err(error)),
    };
    let (mut ended, mut outcome) = (0, Ok(()));
    for id in ids.iter().filter(|id| kept.is_none_or(|kept| kept.id != **id)) {
        match admin.delete_session(user_id, id).await {
            Ok(()) => ended += 1,
            Err(error) if error.is("user_session_not_found") => {}
            Err(error) => outcome = outcome.and(Err(error)),
        }
    }
    (ended, outcome)
}
