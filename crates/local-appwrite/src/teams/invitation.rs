//! Invitations by email or text message. Those of an API key are accepted at once.

use rusqlite::Connection;
use url::Url;

use super::{
    member,
    membership::{self, Membership},
    membership_routes::requested,
    team::{self, Team},
};
use crate::{
    ApiError, ErrorKind,
    http::{Call, Reply, cookies},
    identity::{password, secret},
    oauth2::identity,
    outbox::{self, Sender, mail},
    sessions::{self, Session, SessionToken},
    store::Changes,
    users::{self, User},
};

/// The invited user, as described in the request.
struct Invitee {
    user_id: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    name: String,
}

impl Invitee {
    fn of(call: &Call<'_>) -> Result<Self, ApiError> {
        let params = call.params;
        let is_given = |name: &str| params.raw(name).is_some();
        Ok(Self {
            user_id: is_given("userId").then(|| params.id("userId")).transpose()?,
            email: is_given("email").then(|| params.email("email")).transpose()?,
            phone: is_given("phone").then(|| params.phone("phone")).transpose()?,
            name: params.optional_text("name", 1, 128)?.unwrap_or_default(),
        })
    }

    fn is_named(&self) -> bool {
        self.user_id.is_some() || self.email.is_some() || self.phone.is_some()
    }

    /// The user, if there is one already.
    fn find(&self, db: &Connection) -> Result<Option<User>, ApiError> {
        let differ =
            |what: &str| Err(ApiError::new(ErrorKind::UserAlreadyExists, format!("Given {what} doesn't match")));
        let is_other = |given: &Option<String>, own: &Option<String>| given.is_some() && given != own;
        if let Some(id) = &self.user_id {
            let unknown = || ApiError::new(ErrorKind::UserNotFound, "User with given userId doesn't exist.");
            let user = users::find(db, id)?.ok_or_else(unknown)?;
            return match (is_other(&self.email, &user.email), is_other(&self.phone, &user.phone)) {
                (true, _) => differ("userId and email"),
                (_, true) => differ("userId and phone"),
                _ => Ok(Some(user)),
            };
        }
        if let Some(email) = &self.email {
            return match users::find_by_email(db, email)? {
                Some(user) if is_other(&self.phone, &user.phone) => differ("email and phone"),
                found => Ok(found),
            };
        }
        self.phone.as_deref().map_or(Ok(None), |phone| users::find_by_phone(db, phone))
    }

    /// Creates a user with a random password, which the user can replace without knowing it.
    fn sign_up(&self, call: &Call<'_>, hash: String) -> User {
        let mut user = User::new(secret::id(call.now), call.now);
        user.email.clone_from(&self.email);
        user.phone.clone_from(&self.phone);
        user.name = match self.name.as_str() {
            "" => self.email.clone().unwrap_or_default(),
            name => name.to_owned(),
        };
        user.password = Some(hash);
        user
    }
}

/// `POST /teams/:teamId/memberships`.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let is_key = call.caller.is_key();
    let roles = member::roles(call, 81)?.ok_or_else(|| ApiError::missing_param("roles"))?;
    let url = call.params.raw("url").filter(|url| *url != "");
    let url = url.map(|_| call.params.platform_url("url", call.state)).transpose()?;
    let invitee = Invitee::of(call)?;
    if url.is_none() && !is_key {
        return Err(ApiError::new(ErrorKind::GeneralArgumentInvalid, "URL is required"));
    }
    if !invitee.is_named() {
        let message = "At least one of userId, email, or phone is required";
        return Err(ApiError::new(ErrorKind::GeneralArgumentInvalid, message));
    }
    if !is_key && !call.state.settings().smtp {
        return Err(ErrorKind::GeneralSmtpDisabled.into());
    }
    // Hashes before the transaction, because hashing is slow.
    let is_known = call.state.store().read(|db| invitee.find(db))?.is_some();
    let hash = if is_known { None } else { Some(password::hash(&secret::hex(32))?) };
    call.state.store().write(call.state.hub(), |changes| {
        let team = team::requested(changes, call)?;
        let user = match (invitee.find(changes)?, hash) {
            (Some(user), _) => user,
            (None, hash) => {
                let email = invitee.email.as_deref().unwrap_or("");
                if !email.is_empty() && identity::has_email(changes, email)? {
                    return Err(ErrorKind::UserEmailAlreadyExists.into());
                }
                let user = invitee.sign_up(call, hash.unwrap_or_default());
                users::insert(changes, &user)?;
                user
            }
        };
        if !team.is_owned(&call.caller) {
            let message = "User is not allowed to send invitations for this team";
            return Err(ApiError::new(ErrorKind::UserUnauthorized, message));
        }
        let secret = secret::hex(256);
        let membership = invite(changes, call, &team, &user, roles, &secret)?;
        if let Some(url) = url.filter(|_| !is_key) {
            send(changes, call, &team, &user, &link(url, &team, &membership, &secret))?;
        }
        member::recognize(changes, &user.id)?;
        let wire = membership.wire(&team, &user, call.profile());
        team.emit_payload(changes, &format!("memberships.{}.create", membership.id), wire.clone());
        Ok(Reply::created(wire))
    })
}

/// Creates or renews an invitation. A second one invalidates the first one's secret.
fn invite(
    changes: &Changes<'_>,
    call: &Call<'_>,
    team: &Team,
    user: &User,
    roles: Vec<String>,
    secret: &str,
) -> Result<Membership, ApiError> {
    let mut membership = match membership::find_in(changes, team, &user.id)? {
        Some(membership) if membership.confirm => return Err(ErrorKind::MembershipAlreadyConfirmed.into()),
        Some(membership) => Membership { invited: call.now, updated_at: call.now, ..membership },
        None => Membership::invited(team, user, roles, call.now),
    };
    membership.secret_hash = Some(secret::hash(secret));
    if call.caller.is_key() {
        membership.confirm = true;
        membership.joined = Some(call.now);
    }
    membership::keep(changes, &membership)?;
    Ok(membership)
}

fn link(mut page: Url, team: &Team, membership: &Membership, secret: &str) -> Url {
    page.query_pairs_mut()
        .append_pair("membershipId", &membership.id)
        .append_pair("userId", &membership.user_id)
        .append_pair("secret", secret)
        .append_pair("teamId", &team.id)
        .append_pair("teamName", &team.name);
    page
}

fn send(changes: &Changes<'_>, call: &Call<'_>, team: &Team, user: &User, link: &Url) -> Result<(), ApiError> {
    let message = match (&user.email, &user.phone) {
        (Some(email), _) => {
            let owner = call.caller.user.as_ref().map_or("", |user| user.name.as_str());
            Sender::of(call).invitation(email, owner, &team.name, link)
        }
        (None, Some(_)) if !call.state.settings().sms => {
            return Err(ApiError::new(ErrorKind::GeneralPhoneDisabled, "Phone provider not configured"));
        }
        (None, Some(phone)) => mail::sms_link(phone, link),
        (None, None) => return Ok(()),
    };
    outbox::keep(changes, call.now, &message)
}

/// `PATCH /teams/:teamId/memberships/:membershipId/status`: accepts the invitation and, if needed, signs in.
pub fn accept(call: &Call<'_>) -> Result<Reply, ApiError> {
    let (team_id, id) = (call.params.id("teamId")?, call.params.id("membershipId")?);
    let user_id = call.params.id("userId")?;
    let given = call.params.text("secret", 1, 256)?;
    let mismatch = |email: Option<&str>| {
        let email = email.unwrap_or("");
        let message = format!("Invite does not belong to current user ({email})");
        ApiError::new(ErrorKind::TeamInviteMismatch, message)
    };
    call.state.store().write(call.state.hub(), |changes| {
        // The team's creator has no invitation. Only members see the membership.
        let is_seen = |membership: &Membership| {
            membership.secret_hash.is_some() || call.caller.roles().contains(&format!("team:{}", membership.team_id))
        };
        membership::find(changes, &id)?.filter(is_seen).ok_or(ErrorKind::MembershipNotFound)?;
        let team = team::find(changes, &team_id)?.ok_or(ErrorKind::TeamNotFound)?;
        let membership = requested(changes, call, &team, ErrorKind::MembershipNotFound)?;
        if membership.secret_hash != Some(secret::hash(&given)) {
            return Err(ErrorKind::TeamInvalidSecret.into());
        }
        let caller = call.caller.user.as_ref();
        if membership.user_id != user_id || caller.is_some_and(|user| user.id != user_id) {
            return Err(mismatch(caller.and_then(|user| user.email.as_deref())));
        }
        let mut user = users::find(changes, &user_id)?.ok_or_else(|| mismatch(None))?;
        if membership.confirm {
            return Err(ErrorKind::MembershipAlreadyConfirmed.into());
        }
        user.email_verification = true;
        users::update(changes, &user)?;
        let membership = Membership { confirm: true, joined: Some(call.now), updated_at: call.now, ..membership };
        membership::keep(changes, &membership)?;
        member::recognize(changes, &user.id)?;
        let wire = membership.wire(&team, &user, call.profile());
        team.emit_payload(changes, &format!("memberships.{}.update.status", membership.id), wire.clone());
        let reply = Reply::ok(wire);
        if caller.is_some() { Ok(reply) } else { signed_in(changes, call, &user, reply) }
    })
}

/// Returns the session in cookies only.
fn signed_in(changes: &Changes<'_>, call: &Call<'_>, user: &User, reply: Reply) -> Result<Reply, ApiError> {
    let secret = secret::hex(256);
    let email = user.email.as_deref().unwrap_or("");
    let session = Session::begin(call, &user.id, &secret, ("email", email), &["email"]);
    sessions::insert(changes, &session)?;
    let token = SessionToken { id: user.id.clone(), secret }.encode();
    Ok(cookies::set(reply, &call.state.settings().project_id, &token, session.expire, call.now))
}
