//! Team events, and events that team roles allow to read.

use local_appwrite::Profile;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Backend, ROWS, text};

#[tokio::test]
async fn members_get_team_events_once_they_join() {
    let backend = Backend::start(Profile::Two).await;
    let (kay, lou) = (backend.person("kay").await, backend.person("lou").await);
    let mut socket = backend.listen(&lou, &["teams", "memberships"]).await;
    let mut owner = backend.listen(&kay, &["teams.crew"]).await;
    let team = json!({"teamId": "crew", "name": "Crew"});
    backend.with_session(&kay, Method::POST, "/teams", team).await;
    let created = owner.event().await;
    assert_eq!(created["events"][0], "teams.crew.create");
    assert_eq!(created["channels"], json!(["teams", "teams.crew", "teams.create", "teams.crew.create"]));
    assert_eq!((&created["payload"]["total"], &created["payload"]["prefs"]), (&json!(1), &json!([])));
    socket.assert_quiet().await;

    let join = json!({"userId": lou.id, "roles": ["editor"]});
    let membership = backend.with_key(Method::POST, "/teams/crew/memberships", join).await;
    let id = text(&membership, "$id");
    let joined = socket.event().await;
    assert_eq!(joined["events"][0], format!("teams.crew.memberships.{id}.create"));
    assert_eq!(joined["payload"]["userId"], lou.id.as_str());

    backend.with_session(&kay, Method::PUT, "/teams/crew", json!({"name": "Band"})).await;
    assert_eq!(socket.event().await["payload"]["name"], "Band");

    backend.with_session(&lou, Method::DELETE, &format!("/teams/crew/memberships/{id}"), Value::Null).await;
    socket.assert_quiet().await;
}

#[tokio::test]
async fn row_events_of_a_team_reach_its_members() {
    let backend = Backend::start(Profile::Two).await;
    let (kay, lou) = (backend.person("kay").await, backend.person("lou").await);
    let mut socket = backend.listen(&lou, &[ROWS]).await;
    backend.with_session(&kay, Method::POST, "/teams", json!({"teamId": "crew", "name": "Crew"})).await;
    backend.add_row(&kay, "Before", json!(["read(\"team:crew\")"])).await;
    socket.assert_quiet().await;
    let join = json!({"userId": lou.id, "roles": ["editor"]});
    backend.with_key(Method::POST, "/teams/crew/memberships", join).await;
    backend.add_row(&kay, "After", json!(["read(\"team:crew\")"])).await;
    assert_eq!(socket.event().await["payload"]["name"], "After");
}
