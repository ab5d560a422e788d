//! Teams: members, invitations, and the permissions of roles.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{As, Backend, PASSWORD, Person, answer, link_in, parameter};

const PAGE: &str = "http://localhost:3000/join";

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}")).to_owned()
}

async fn team_of(backend: &Backend, owner: &Person) -> String {
    let team = json!({"teamId": "crew", "name": "Crew"});
    text(&backend.post(As::Session(&owner.secret), "/teams", team).await.expect(201), "$id")
}

/// The link in the newest invitation to this address.
async fn invited(backend: &Backend, owner: &Person, email: &str, roles: Value) -> url::Url {
    let ask = json!({"email": email, "roles": roles, "url": PAGE, "name": "Bea"});
    backend.post(As::Session(&owner.secret), "/teams/crew/memberships", ask).await.expect(201);
    link_in(backend.message_to(email).await["text"].as_str().expect("a text"))
}

async fn accepted(backend: &Backend, who: As<'_>, link: &url::Url) -> crate::client::Answer {
    let path = format!("/teams/{}/memberships/{}/status", parameter(link, "teamId"), parameter(link, "membershipId"));
    let body = json!({"userId": parameter(link, "userId"), "secret": parameter(link, "secret")});
    backend.patch(who, &path, body).await
}

#[tokio::test]
async fn team_is_visible_to_its_members_only() {
    let backend = Backend::start().await;
    let (ann, bob) = (backend.sign_up("Ann").await, backend.sign_up("Bob").await);
    let team = team_of(&backend, &ann).await;
    let own = backend.get(As::Session(&ann.secret), "/teams").await.expect(200);
    assert_eq!(
        (&own["total"], &own["teams"][0]["$id"], &own["teams"][0]["total"]),
        (&json!(1), &json!(team), &json!(1))
    );
    assert_eq!(backend.get(As::Session(&bob.secret), "/teams").await.expect(200)["total"], 0);
    let hidden = (404, "team_not_found".to_owned());
    assert_eq!(backend.get(As::Session(&bob.secret), "/teams/crew").await.error(), hidden);
    assert_eq!(backend.delete(As::Session(&bob.secret), "/teams/crew").await.error(), hidden);
    assert_eq!(backend.get(As::Key, "/teams?search=crew").await.expect(200)["total"], 1);
    let again = backend.post(As::Key, "/teams", json!({"teamId": "CREW", "name": "Other"})).await;
    assert_eq!(again.error(), (409, "team_already_exists".to_owned()));
}

#[tokio::test]
async fn emailed_invitation_creates_a_user_and_a_session() {
    let backend = Backend::start().await;
    let ann = backend.sign_up("Ann").await;
    team_of(&backend, &ann).await;
    let link = invited(&backend, &ann, "bea@example.com", json!(["editor"])).await;
    assert!(link.as_str().starts_with(PAGE));
    assert_eq!(parameter(&link, "teamName"), "Crew");
    let pending = backend.get(As::Session(&ann.secret), "/teams/crew/memberships").await.expect(200);
    assert_eq!(
        (&pending["memberships"][1]["confirm"], &pending["memberships"][1]["joined"]),
        (&json!(false), &json!(""))
    );

    let joined = accepted(&backend, As::Guest, &link).await;
    let mut cookies = joined.headers.get_all("set-cookie").iter();
    let cookie = cookies.find_map(|cookie| cookie.to_str().ok()?.strip_prefix("a_session_demo="));
    let secret = cookie.and_then(|cookie| cookie.split(';').next()).expect("a session").to_owned();
    let membership = joined.expect(200);
    assert_eq!((&membership["confirm"], &membership["roles"]), (&json!(true), &json!(["editor"])));
    assert!(membership.get("secret").is_none());

    let bea = backend.get(As::Session(&secret), "/account").await.expect(200);
    assert_eq!(
        (&bea["email"], &bea["emailVerification"], &bea["name"]),
        (&json!("bea@example.com"), &json!(true), &json!("Bea"))
    );
    assert_eq!(backend.get(As::Session(&secret), "/teams/crew").await.expect(200)["total"], 2);
    let session = backend.get(As::Session(&secret), "/account/sessions/current").await.expect(200);
    assert_eq!((&session["provider"], &session["factors"]), (&json!("email"), &json!(["email"])));
    // The invited user replaces the random password without knowing it.
    backend.patch(As::Session(&secret), "/account/password", json!({"password": PASSWORD})).await.expect(200);
    backend.sign_in("bea@example.com").await;
}

#[tokio::test]
async fn invitation_requires_its_user_and_secret() {
    let backend = Backend::start().await;
    let (ann, bob, kay) = (backend.sign_up("Ann").await, backend.sign_up("Bob").await, backend.sign_up("Kay").await);
    team_of(&backend, &ann).await;
    let old = invited(&backend, &ann, &bob.email, json!([])).await;
    let link = invited(&backend, &ann, &bob.email, json!([])).await;
    assert_eq!(accepted(&backend, As::Guest, &old).await.error(), (401, "team_invalid_secret".to_owned()));
    let mismatch = accepted(&backend, As::Session(&kay.secret), &link).await;
    assert_eq!(mismatch.error(), (401, "team_invite_mismatch".to_owned()));
    let joined = accepted(&backend, As::Session(&bob.secret), &link).await;
    assert!(joined.headers.get("set-cookie").is_none(), "Bob has a session already");
    joined.expect(200);
    let again = accepted(&backend, As::Session(&bob.secret), &link).await;
    assert_eq!(again.error(), (409, "membership_already_confirmed".to_owned()));
    let invite = json!({"email": bob.email, "roles": [], "url": PAGE});
    let again = backend.post(As::Session(&ann.secret), "/teams/crew/memberships", invite).await;
    assert_eq!(again.error(), (409, "membership_already_confirmed".to_owned()));
}

#[tokio::test]
async fn only_owners_and_keys_invite_and_change() {
    let backend = Backend::start().await;
    let (ann, bob) = (backend.sign_up("Ann").await, backend.sign_up("Bob").await);
    team_of(&backend, &ann).await;
    let by_key = json!({"userId": bob.id, "roles": ["guest"]});
    let membership = backend.post(As::Key, "/teams/crew/memberships", by_key).await.expect(201);
    assert_eq!(membership["confirm"], true, "a key's invitation needs no mail");
    let path = format!("/teams/crew/memberships/{}", text(&membership, "$id"));
    let bob_asks = As::Session(&bob.secret);
    let unauthorized = (401, "user_unauthorized".to_owned());
    let invite = json!({"email": "c@example.com", "roles": [], "url": PAGE});
    assert_eq!(backend.post(bob_asks, "/teams/crew/memberships", invite.clone()).await.error(), unauthorized);
    assert_eq!(backend.put(bob_asks, "/teams/crew", json!({"name": "Mine"})).await.error(), unauthorized);
    assert_eq!(backend.put(bob_asks, "/teams/crew/prefs", json!({"prefs": {"a": 1}})).await.error(), unauthorized);
    assert_eq!(backend.delete(bob_asks, "/teams/crew").await.error(), unauthorized);
    assert_eq!(backend.patch(bob_asks, &path, json!({"roles": ["owner"]})).await.error(), unauthorized);
    let without_url = json!({"email": "c@example.com", "roles": []});
    let refused = backend.post(As::Session(&ann.secret), "/teams/crew/memberships", without_url).await;
    assert_eq!(refused.error(), (400, "general_argument_invalid".to_owned()));

    let ann_asks = As::Session(&ann.secret);
    backend.patch(ann_asks, &path, json!({"roles": ["owner"]})).await.expect(200);
    backend.put(bob_asks, "/teams/crew/prefs", json!({"prefs": {"color": "red"}})).await.expect(200);
    assert_eq!(backend.get(ann_asks, "/teams/crew/prefs").await.expect(200), json!({"color": "red"}));
    backend.delete(bob_asks, &path).await.expect(204);
    assert_eq!(backend.get(bob_asks, "/teams/crew").await.error().0, 404, "Bob has left");
    assert_eq!(backend.get(ann_asks, "/teams/crew").await.expect(200)["total"], 1);
}

#[tokio::test]
async fn team_roles_open_rows_and_may_be_granted_by_members() {
    let backend = Backend::start().await;
    let (ann, bob) = (backend.sign_up("Ann").await, backend.sign_up("Bob").await);
    team_of(&backend, &ann).await;
    let rows = "/tablesdb/main/tables/birthdays/rows";
    let row = |id: &str, role: &str| {
        let permissions = [format!("read(\"{role}\")")];
        json!({"rowId": id, "data": {"name": "Kim", "birthday": "2012-02-03"}, "permissions": permissions})
    };
    let foreign = backend.post(As::Session(&bob.secret), rows, row("no", "team:crew")).await;
    assert_eq!(foreign.error(), (401, "user_unauthorized".to_owned()), "Bob has not the role");
    for (id, role) in [("all", "team:crew"), ("owners", "team:crew/owner")] {
        backend.post(As::Session(&ann.secret), rows, row(id, role)).await.expect(201);
    }
    let joined = backend.post(As::Key, "/teams/crew/memberships", json!({"userId": bob.id, "roles": ["guest"]})).await;
    let membership = text(&joined.expect(201), "$id");
    backend.post(As::Key, rows, row("member", &format!("member:{membership}"))).await.expect(201);
    let seen = backend.get(As::Session(&bob.secret), rows).await.expect(200);
    let ids: Vec<&str> = seen["rows"].as_array().expect("rows").iter().filter_map(|row| row["$id"].as_str()).collect();
    assert_eq!(ids, ["all", "member"]);
}

#[tokio::test]
async fn deleted_user_is_removed_from_teams() {
    let backend = Backend::start().await;
    let (ann, bob) = (backend.sign_up("Ann").await, backend.sign_up("Bob").await);
    team_of(&backend, &ann).await;
    let join = json!({"userId": bob.id, "roles": ["guest"]});
    backend.post(As::Key, "/teams/crew/memberships", join).await.expect(201);
    let of_bob = format!("/users/{}/memberships", bob.id);
    assert_eq!(backend.get(As::Key, &of_bob).await.expect(200)["memberships"][0]["teamName"], "Crew");
    assert_eq!(backend.get(As::Session(&bob.secret), "/account/memberships").await.expect(200)["total"], 1);
    backend.delete(As::Key, &format!("/users/{}", bob.id)).await.expect(204);
    assert_eq!(backend.get(As::Key, "/teams/crew").await.expect(200)["total"], 1);
    let left = backend.get(As::Key, "/teams/crew/memberships").await.expect(200);
    assert_eq!(left["memberships"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn invitations_can_be_disabled() {
    let backend = Backend::with(|settings| settings.disabled_methods = vec![local_appwrite::AuthMethod::Invites]).await;
    let ann = backend.sign_up("Ann").await;
    team_of(&backend, &ann).await;
    let ask = json!({"email": "c@example.com", "roles": [], "url": PAGE});
    let request = backend.request(As::Session(&ann.secret), Method::POST, "/teams/crew/memberships").json(&ask);
    assert_eq!(answer(request).await.error(), (501, "user_auth_method_unsupported".to_owned()));
}
