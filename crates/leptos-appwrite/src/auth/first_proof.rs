//! The first proof of an account's address.
//!
//! Anyone can create an account with another's address. Once the owner of the address signs in by a proof, everything
//! that was set before is removed: passwords, providers, phone numbers, passkeys, sessions and second factors. So
//! nobody else can sign in, and nothing locks the owner out.

use jiff::SignedDuration;

use appwrite_client::{AdminClient, AppwriteError, Claims, LinkedProvider, NewSession, Session};

use crate::session::Success;
use crate::state::AppState;

/// A provider that was linked longer ago has signed in before this sign-in. Appwrite creates the link while the browser
/// returns from the provider.
const NEW_LINK: SignedDuration = SignedDuration::from_mins(1);

/// The label of an account whose removal was interrupted. Only the API key can set labels.
const UNSECURED: &str = "unsecured";

/// The account before a proof.
pub(super) enum Before {
    /// Its credentials.
    Known(Claims),
    /// The account does not exist.
    Missing,
    /// Appwrite did not answer, or the API key lacks the scope `users.read`.
    Unknown,
}

/// The kind of proof of an account's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ProofKind {
    Email,
    Phone,
    /// This provider has verified the address that the account has at the provider.
    Provider(String),
}

impl ProofKind {
    /// Returns the kind of proof, which Appwrite notes in the session.
    pub fn of(session: &Session) -> Self {
        match session.provider.as_str() {
            "magic-url" | "token" | "email" => Self::Email,
            "phone" => Self::Phone,
            provider => Self::Provider(provider.to_owned()),
        }
    }
}

/// Reads the account's credentials. Call it before the proof, because the proof verifies the address.
pub(super) async fn before(state: &AppState, user_id: &str) -> Before {
    match state.appwrite.admin().claims(user_id).await {
        Ok(claims) => Before::Known(claims),
        Err(error) if error.is_not_found() || matches!(error, AppwriteError::InvalidId) => Before::Missing,
        Err(error) => {
            tracing::warn!(%error, "an account could not be checked for earlier credentials: give the key users.read");
            Before::Unknown
        }
    }
}

/// Removes everything that was set before the first proof, except the session of the proof. Returns the message for the
/// user.
pub(super) async fn secure(
    state: &AppState,
    before: &Before,
    user_id: &str,
    kind: &ProofKind,
    session: Option<&Session>,
) -> Option<Success> {
    match before {
        Before::Known(claims) if is_first(claims, kind) => {
            let proof = FirstProof { admin: &state.appwrite.admin(), user_id, kind, session };
            match proof.remove_all(claims).await {
                Ok(false) => None,
                Ok(true) => Some(Success::AccountSecured),
                Err(error) => {
                    tracing::warn!(%error, "credentials from before the first proof of an address could not be removed");
                    Some(Success::AccountNotSecured)
                }
            }
        }
        Before::Known(_) | Before::Missing => None,
        Before::Unknown => Some(Success::AccountNotSecured),
    }
}

/// Refuses a sign-in by text message to an account that has not confirmed the number, but has confirmed its email address:
/// the number's owner need not be the account's. The proof has confirmed the number, so the account loses it. Returns true
/// if the sign-in is refused.
pub(super) async fn refuse_phone(state: &AppState, before: &Before, user_id: &str, session: &Session) -> bool {
    let Before::Known(claims) = before else { return false };
    if ProofKind::of(session) != ProofKind::Phone || !is_of_another(claims) {
        return false;
    }
    let admin = state.appwrite.admin();
    let ended = twice(|| admin.delete_session(user_id, &session.id)).await;
    if let Err(error) = ended.and(twice(|| admin.remove_phone(user_id)).await) {
        tracing::warn!(%error, "an account keeps a phone number that it had not confirmed");
        mark(&admin, claims, user_id).await;
    }
    true
}

/// True if the account's number may be another user's.
fn is_of_another(claims: &Claims) -> bool {
    claims.email_verification && (!claims.phone_verification || is_marked(claims))
}

/// True if the account has a password and this browser has not signed in to it before. Without `users.read`, the server
/// knows no more.
pub(super) async fn is_new_here(state: &AppState, session: &NewSession, is_known: impl FnOnce(&str) -> bool) -> bool {
    let user = state.appwrite.session(session.secret.clone()).account().await;
    user.is_ok_and(|user| user.password_update.is_some() && !is_known(&user.email))
}

fn is_first(claims: &Claims, kind: &ProofKind) -> bool {
    is_marked(claims)
        || match kind {
            ProofKind::Email | ProofKind::Provider(_) => !claims.email.is_empty() && !claims.email_verification,
            ProofKind::Phone => !claims.phone_verification && !claims.email_verification,
        }
}

/// True if an earlier removal was interrupted, even though Appwrite has verified the address since.
fn is_marked(claims: &Claims) -> bool {
    claims.labels.iter().any(|label| label == UNSECURED)
}

/// Makes the next proof count as the first one again.
async fn mark(admin: &AdminClient, claims: &Claims, user_id: &str) {
    if is_marked(claims) {
        return;
    }
    let labels: Vec<_> = claims.labels.iter().map(String::as_str).chain([UNSECURED]).collect();
    if let Err(error) = twice(|| admin.set_labels(user_id, &labels)).await {
        tracing::warn!(%error, "an account could not be labeled: a later proof will not remove its earlier credentials");
    }
}

/// Makes the next proof count as a later one.
async fn unmark(admin: &AdminClient, claims: &Claims, user_id: &str) -> Result<(), AppwriteError> {
    let labels: Vec<_> = claims.labels.iter().map(String::as_str).filter(|label| *label != UNSECURED).collect();
    twice(|| admin.set_labels(user_id, &labels)).await
}

/// Repeats the call once after a temporary error.
async fn twice<T, F>(call: impl Fn() -> F) -> Result<T, AppwriteError>
where
    F: Future<Output = Result<T, AppwriteError>>,
{
    match call().await {
        Err(error) if error.kind().is_none_or(|kind| kind.starts_with("general_")) => call().await,
        result => result,
    }
}

/// True if Appwrite has just linked this provider for the sign-in that started the session.
fn is_new(link: &LinkedProvider, session: &Session) -> bool {
    let times = link.created_at.zip(session.created_at);
    times.is_none_or(|(linked, signed_in)| signed_in.duration_since(linked) < NEW_LINK)
}

struct FirstProof<'a> {
    admin: &'a AdminClient,
    user_id: &'a str,
    kind: &'a ProofKind,
    /// The session of the proof.
    session: Option<&'a Session>,
}

/// The claims that a first proof removes.
struct Found {
    claims: Claims,
    others: Vec<LinkedProvider>,
    passkeys: Vec<String>,
    has_authenticator: bool,
    has_codes: bool,
    loses_phone: bool,
    loses_password: bool,
    /// The first error while reading the credentials. The other credentials are known.
    outcome: Result<(), AppwriteError>,
}

impl Found {
    fn is_empty(&self) -> bool {
        let has_factor = self.claims.mfa || self.has_authenticator || self.has_codes;
        let has_more = !self.others.is_empty() || !self.passkeys.is_empty();
        !(self.loses_password || self.loses_phone || has_factor || has_more)
    }
}

impl FirstProof<'_> {
    /// Returns true if there was something to remove. Tries every step, and returns the first error.
    async fn remove_all(&self, before: &Claims) -> Result<bool, AppwriteError> {
        if matches!(self.kind, ProofKind::Provider(_)) && !self.provider_proves(before).await? {
            return Ok(false);
        }
        // Ends the sessions first: an open one could add credentials during the removal.
        let (ended, mut outcome) = self.end_sessions().await;
        let found = self.find(before).await;
        if found.is_empty() && found.outcome.is_ok() && outcome.is_ok() {
            if is_marked(&found.claims) {
                unmark(self.admin, &found.claims, self.user_id).await?;
            }
            return Ok(ended > 0);
        }
        let was_empty = found.is_empty();
        let claims = found.claims.clone();
        outcome = outcome.and(self.remove(found).await);
        // Ends sessions again: a credential may have started one before its removal.
        let (ended_later, of_sessions) = self.end_sessions().await;
        outcome = outcome.and(of_sessions);
        match outcome {
            Ok(()) if is_marked(&claims) => unmark(self.admin, &claims, self.user_id).await?,
            Ok(()) => {}
            Err(error) => {
                mark(self.admin, &claims, self.user_id).await;
                return Err(error);
            }
        }
        Ok(!was_empty || ended + ended_later > 0)
    }

    /// Appwrite leaves the address unverified after this sign-in. So it is a first proof only if the provider's link is
    /// new and for the account's own address. Without anything to remove it is none: another sign-in in the same minute
    /// may have created the link, and its session stays.
    async fn provider_proves(&self, before: &Claims) -> Result<bool, AppwriteError> {
        let (ProofKind::Provider(provider), Some(session)) = (self.kind, self.session) else { return Ok(false) };
        let linked = twice(|| self.admin.linked_providers(self.user_id)).await?;
        let email = before.email.to_lowercase();
        let is_proof = |link: &LinkedProvider| {
            let has_same_email = !email.is_empty() && link.email.to_lowercase() == email;
            link.provider == *provider && has_same_email && is_new(link, session)
        };
        if !linked.iter().any(is_proof) {
            return Ok(false);
        }
        let found = self.find(before).await;
        if found.is_empty() { found.outcome.map(|()| false) } else { Ok(true) }
    }

    /// Reads the account's credentials now.
    async fn find(&self, before: &Claims) -> Found {
        let (admin, user_id) = (self.admin, self.user_id);
        let (claims, linked, passkeys, factors) = tokio::join!(
            twice(|| admin.claims(user_id)),
            twice(|| admin.linked_providers(user_id)),
            twice(|| admin.passkey_ids(user_id)),
            twice(|| admin.factors(user_id)),
        );
        let mut outcome = Ok(());
        let claims = or(claims, &mut outcome).unwrap_or_else(|| before.clone());
        let linked = or(linked, &mut outcome).unwrap_or_default();
        let passkeys = or(passkeys, &mut outcome).unwrap_or_default();
        let factors = or(factors, &mut outcome);
        let is_used =
            |link: &LinkedProvider| matches!(self.kind, ProofKind::Provider(provider) if *provider == link.provider);
        Found {
            others: linked.into_iter().filter(|link| !is_used(link)).collect(),
            passkeys,
            has_authenticator: factors.as_ref().is_some_and(|factors| factors.totp),
            has_codes: factors.as_ref().is_some_and(|factors| factors.recovery_code),
            loses_phone: !claims.phone.is_empty() && *self.kind != ProofKind::Phone,
            // Recovery has replaced the password already.
            loses_password: claims.has_password && self.session.is_some(),
            claims,
            outcome,
        }
    }

    async fn remove(&self, found: Found) -> Result<(), AppwriteError> {
        let (admin, user_id, mut outcome) = (self.admin, self.user_id, found.outcome);
        if found.loses_password {
            outcome = outcome.and(twice(|| admin.remove_password(user_id)).await);
        }
        if found.loses_phone {
            outcome = outcome.and(twice(|| admin.remove_phone(user_id)).await);
        }
        if found.claims.mfa {
            outcome = outcome.and(twice(|| admin.turn_off_mfa(user_id)).await);
        }
        if found.has_authenticator {
            outcome = outcome.and(twice(|| admin.delete_authenticator(user_id)).await);
        }
        if found.has_codes {
            outcome = outcome.and(twice(|| admin.void_recovery_codes(user_id)).await);
        }
        for link in &found.others {
            outcome = outcome.and(twice(|| admin.unlink_provider(&link.id)).await);
        }
        for passkey in &found.passkeys {
            outcome = outcome.and(twice(|| admin.delete_passkey(user_id, passkey)).await);
        }
        outcome
    }

    /// Uses one call for each session: if one call ends several, Appwrite sends their pages no event.
    async fn end_sessions(&self) -> (usize, Result<(), AppwriteError>) {
        let ids = match twice(|| self.admin.session_ids(self.user_id)).await {
            Ok(ids) => ids,
            Err(error) => return (0, Err(error)),
        };
        let (mut ended, mut outcome) = (0, Ok(()));
        for id in ids.iter().filter(|id| self.session.is_none_or(|kept| kept.id != **id)) {
            match twice(|| self.admin.delete_session(self.user_id, id)).await {
                Ok(()) => ended += 1,
                Err(error) if error.is("user_session_not_found") => {}
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        (ended, outcome)
    }
}

/// Keeps an error, unless there already is an earlier one.
fn or<T>(result: Result<T, AppwriteError>, outcome: &mut Result<(), AppwriteError>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            if outcome.is_ok() {
                *outcome = Err(error);
            }
            None
        }
    }
}
