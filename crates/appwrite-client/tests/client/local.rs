//! The client against the local backend. They share no code, so a mistake in either of them is found here.

use std::time::Duration;

use appwrite_client::{
    Appwrite, AppwriteError, AppwriteSettings, NewAccount, NewSession, Permission, Query, Role, SessionClient,
    SessionId, User, Visitor,
};
use local_appwrite::{LocalAppwrite, Profile, Settings};
use serde::{Deserialize, Serialize};
use serde_json::json;

const PROFILES: [Profile; 3] = [Profile::Two, Profile::OneNine, Profile::OneFive];
const PASSWORD: &str = "Correct-horse-1";

/// A seed with an empty table: `name`, `birthday` and `note`.
const BIRTHDAYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../local-appwrite/tests/birthdays.seed.json");

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Birthday {
    name: String,
    birthday: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

fn birthday(name: &str) -> Birthday {
    Birthday { name: name.into(), birthday: "2012-02-03T00:00:00.000+00:00".into(), note: None }
}

/// A backend with its own client.
struct Backend {
    local: LocalAppwrite,
    appwrite: Appwrite,
    _data: tempfile::TempDir,
}

impl Backend {
    /// Starts a backend whose key has only the scope `sessions.write`.
    async fn start(profile: Profile) -> Self {
        Self::start_with_key(profile, "standard_key=sessions.write").await
    }

    async fn start_with_key(profile: Profile, key: &str) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::new(data.path());
        settings.profile = profile;
        settings.seed_file = Some(BIRTHDAYS.into());
        settings.api_keys = vec![key.parse().expect("a key")];
        let local = local_appwrite::start(settings).await.expect("a backend");
        let settings = AppwriteSettings {
            endpoint: local.endpoint().clone(),
            project_id: local.project_id().to_owned(),
            api_key: local.api_key().clone(),
        };
        Self { appwrite: Appwrite::new(settings).expect("a client"), local, _data: data }
    }

    async fn stop(self) {
        self.local.shutdown().await;
    }

    async fn sign_up(&self, name: &str) -> User {
        let account = NewAccount { email: email(name), password: PASSWORD.into(), name: name.into() };
        self.appwrite.admin().create_account(&account, &Visitor::default()).await.expect("an account")
    }

    async fn sign_in(&self, name: &str) -> NewSession {
        let admin = self.appwrite.admin();
        admin.create_email_session(&email(name), &PASSWORD.into(), &Visitor::default()).await.expect("a session")
    }

    async fn person(&self, name: &str) -> (User, SessionClient) {
        let user = self.sign_up(name).await;
        (user, self.appwrite.session(self.sign_in(name).await.secret))
    }
}

fn email(name: &str) -> String {
    format!("{}@example.com", name.to_lowercase())
}

#[tokio::test]
async fn own_name_phone_and_password_are_changed() {
    for profile in PROFILES {
        let backend = Backend::start(profile).await;
        let (user, session) = backend.person("ann").await;
        assert!(user.password_update.is_some(), "{profile:?}");
        assert_eq!(session.update_name("Ann Lee").await.expect("a user").name, "Ann Lee");
        let phone = "+12025550123";
        assert_eq!(session.update_phone(phone, &PASSWORD.into()).await.expect("a user").phone, phone);
        let wrong = session.update_phone("+12025550124", &"wrong-password".into()).await.expect_err("a refusal");
        assert!(wrong.is("user_invalid_credentials"), "{wrong:?}");
        let (visitor, new) = (Visitor::default(), "Brand-new-horse-2".into());
        for old in [None, Some(&"wrong-password".into())] {
            let wrong = session.update_password(&new, old, &visitor).await.expect_err("a refusal");
            assert!(wrong.is("user_invalid_credentials"), "{wrong:?}");
        }
        session.update_password(&new, Some(&PASSWORD.into()), &visitor).await.expect("a user");
        assert_eq!(session.account().await.expect("the session goes on").name, "Ann Lee");
        backend.stop().await;
    }
}

#[tokio::test]
async fn user_signs_up_in_and_out() {
    for profile in PROFILES {
        let backend = Backend::start(profile).await;
        let user = backend.sign_up("Ann").await;
        let new = backend.sign_in("Ann").await;
        assert_eq!(new.session.user_id, user.id);
        assert!(
            new.expire.as_second() > jiff::Timestamp::now().as_second() + 300 * 24 * 3600,
            "a session lasts a year"
        );

        let ann = backend.appwrite.session(new.secret.clone());
        let account = ann.account().await.expect("an account");
        assert_eq!((account.id.as_str(), account.name.as_str()), (user.id.as_str(), "Ann"));
        assert_eq!(account.email, "ann@example.com");
        let current = ann.session(SessionId::Current).await.expect("a session");
        assert!(current.current);
        assert_eq!(current.id, new.session.id);

        ann.sign_out().await.expect("signed out");
        assert!(ann.account().await.expect_err("signed out").is_signed_out());
        ann.sign_out().await.expect("signed out already");
        backend.stop().await;
    }
}

#[tokio::test]
async fn wrong_password_and_unknown_address_get_equal_errors() {
    let backend = Backend::start(Profile::Two).await;
    backend.sign_up("Ann").await;
    let admin = backend.appwrite.admin();
    for (address, password) in [("ann@example.com", "wrong-password"), ("nobody@example.com", PASSWORD)] {
        let result = admin.create_email_session(address, &password.into(), &Visitor::default()).await;
        let error = result.expect_err("refused");
        assert!(error.is("user_invalid_credentials") && !error.is_signed_out(), "{error:?}");
    }
    let again = NewAccount { email: "ann@example.com".into(), password: PASSWORD.into(), name: String::new() };
    let error = admin.create_account(&again, &Visitor::default()).await.expect_err("taken");
    assert!(error.is("user_already_exists"), "{error:?}");
    backend.stop().await;
}

#[tokio::test]
async fn session_list_shows_the_device_of_the_visitor() {
    let backend = Backend::start(Profile::Two).await;
    backend.sign_up("Ann").await;
    let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/17.5 Mobile/15E148 Safari/604.1";
    let visitor = Visitor { user_agent: Some(phone.parse().expect("a user agent")), address: None };
    let admin = backend.appwrite.admin();
    let new = admin.create_email_session("ann@example.com", &PASSWORD.into(), &visitor).await.expect("a session");
    let sessions = backend.appwrite.session(new.secret).sessions().await.expect("sessions");
    assert_eq!((sessions[0].os_name.as_str(), sessions[0].client_name.as_str()), ("iOS", "Mobile Safari"));
    backend.stop().await;
}

#[tokio::test]
async fn sessions_can_be_ended_by_user_or_key() {
    let backend = Backend::start(Profile::Two).await;
    let (user, first) = backend.person("Ann").await;
    let (second, third) = (backend.sign_in("Ann").await, backend.sign_in("Ann").await);
    assert_eq!(first.sessions().await.expect("sessions").len(), 3);
    first.delete_session(SessionId::Id(&second.session.id)).await.expect("ended");
    let error = first.delete_session(SessionId::Id(&second.session.id)).await.expect_err("gone");
    assert!(error.is("user_session_not_found") && !error.is_signed_out(), "{error:?}");
    backend.appwrite.admin().delete_session(&user.id, &third.session.id).await.expect("ended");
    assert_eq!(first.sessions().await.expect("sessions").len(), 1);
    assert!(backend.appwrite.session(third.secret).account().await.expect_err("ended").is_signed_out());
    backend.stop().await;
}

#[tokio::test]
async fn jwt_authenticates_until_its_session_ends() {
    for profile in PROFILES {
        let backend = Backend::start(profile).await;
        let (user, ann) = backend.person("Ann").await;
        let jwt = ann.create_jwt(Some(Duration::from_secs(60))).await.expect("a JWT");
        let by_jwt = backend.appwrite.jwt(jwt);
        assert_eq!(by_jwt.account().await.expect("an account").id, user.id);
        by_jwt.rows("main", "birthdays").list::<Birthday>(&[]).await.expect("rows");
        ann.sign_out().await.expect("signed out");
        assert!(by_jwt.account().await.expect_err("its session ended").is_signed_out());
        backend.stop().await;
    }
}

#[tokio::test]
async fn key_with_scope_can_create_a_session_jwt() {
    let backend = Backend::start(Profile::Two).await;
    let (user, ann) = backend.person("Ann").await;
    let session = ann.session(SessionId::Current).await.expect("a session");
    let error =
        backend.appwrite.admin().create_jwt_for_session(&user.id, &session.id, None).await.expect_err("no scope");
    assert!(error.lacks_scope(), "{error:?}");
    backend.stop().await;

    let backend = Backend::start_with_key(Profile::Two, "standard_key=sessions.write,users.write").await;
    let (user, ann) = backend.person("Ann").await;
    let session = ann.session(SessionId::Current).await.expect("a session");
    let admin = backend.appwrite.admin();
    let jwt = admin.create_jwt_for_session(&user.id, &session.id, Some(Duration::from_secs(60))).await.expect("a JWT");
    assert_eq!(backend.appwrite.jwt(jwt).account().await.expect("an account").id, user.id);
    backend.stop().await;
}

#[tokio::test]
async fn invalid_secret_or_jwt_means_signed_out() {
    let backend = Backend::start(Profile::Two).await;
    let nobody = backend.appwrite.session(appwrite_client::SessionSecret::new("garbage"));
    assert!(nobody.account().await.expect_err("nobody").is_signed_out());
    assert!(nobody.create_jwt(None).await.expect_err("nobody").is_signed_out());
    for jwt in ["abc", "a.b.c"] {
        assert!(backend.appwrite.jwt(jwt.into()).account().await.expect_err("nobody").is_signed_out(), "{jwt}");
    }
    backend.stop().await;
}

#[tokio::test]
async fn users_see_their_own_and_shared_rows() {
    for profile in PROFILES {
        let backend = Backend::start(profile).await;
        let ((ann, by_ann), (lou, by_lou)) = (backend.person("Ann").await, backend.person("Lou").await);
        let (anns, lous) = (by_ann.rows("main", "birthdays"), by_lou.rows("main", "birthdays"));
        let guests = backend.appwrite.guest().rows("main", "birthdays");

        let shared_with = |role| [Permission::read(role), Permission::update(Role::user(&ann.id))];
        let own = anns.create::<Birthday>(None, &birthday("Kevin"), None).await.expect("a row");
        assert_eq!(own.permissions[0], Permission::read(Role::user(&ann.id)).to_string());
        let users = shared_with(Role::users());
        anns.create::<Birthday>(Some("uma"), &birthday("Uma"), Some(&users)).await.expect("a row");
        let any = shared_with(Role::Any);
        anns.create::<Birthday>(Some("any"), &birthday("Any"), Some(&any)).await.expect("a row");
        lous.create::<Birthday>(None, &birthday("Laura"), None).await.expect("a row");

        let order = [Query::order_asc("name")];
        let mut seen = Vec::new();
        for rows in [&anns, &lous, &guests] {
            let list = rows.list::<Birthday>(&order).await.expect("rows");
            assert_eq!(usize::try_from(list.total).expect("a small number"), list.rows.len());
            seen.push(list.rows.into_iter().map(|row| row.data.name).collect::<Vec<_>>().join(" "));
        }
        assert_eq!(seen, ["Any Kevin Uma", "Any Laura Uma", "Any"]);

        assert!(lous.get::<Birthday>(&own.id).await.expect_err("private").is_not_found());
        for result in [
            lous.update::<Birthday>("uma", &json!({ "name": "Mine" }), None).await.map(drop),
            lous.delete("uma").await,
            guests.create::<Birthday>(None, &birthday("Guest"), None).await.map(drop),
            lous.create::<Birthday>(None, &birthday("Bad"), Some(&shared_with(Role::user(&lou.id)))).await.map(drop),
        ] {
            let error = result.expect_err("not allowed");
            assert!(error.is("user_unauthorized") && !error.is_signed_out(), "{error:?}");
        }
        backend.stop().await;
    }
}

#[tokio::test]
async fn row_is_changed_shared_and_deleted() {
    for profile in PROFILES {
        let backend = Backend::start(profile).await;
        let (_, by_ann) = backend.person("Ann").await;
        let (_, by_lou) = backend.person("Lou").await;
        let (anns, lous) = (by_ann.rows("main", "birthdays"), by_lou.rows("main", "birthdays"));
        let kevin = anns.create::<Birthday>(None, &birthday("Kevin"), None).await.expect("a row");
        let changed = anns.update::<Birthday>(&kevin.id, &json!({ "note": "hello" }), None).await.expect("a row");
        assert_eq!(changed.data, Birthday { note: Some("hello".into()), ..birthday("Kevin") });
        assert_eq!(changed.permissions, kevin.permissions);
        assert!(changed.updated_at >= kevin.updated_at && kevin.updated_at.is_some());

        let ann = by_ann.account().await.expect("an account").id;
        let shared = [Permission::read(Role::users()), Permission::delete(Role::user(&ann))];
        anns.update::<Birthday>(&kevin.id, &json!({}), Some(&shared)).await.expect("a row");
        assert_eq!(lous.get::<Birthday>(&kevin.id).await.expect("a row").data.note.as_deref(), Some("hello"));

        anns.delete(&kevin.id).await.expect("deleted");
        assert!(anns.delete(&kevin.id).await.expect_err("gone").is_not_found());
        assert!(lous.get::<Birthday>(&kevin.id).await.expect_err("gone").is_not_found());
        backend.stop().await;
    }
}

#[tokio::test]
async fn row_that_violates_its_table_is_refused() {
    for profile in PROFILES {
        let backend = Backend::start(profile).await;
        let (_, by_ann) = backend.person("Ann").await;
        let anns = by_ann.rows("main", "birthdays");
        for data in [
            json!({ "name": "x" }),
            json!({ "name": "x", "birthday": "2012-02-03", "zzz": 1 }),
            json!({ "name": "x".repeat(129), "birthday": "2012-02-03" }),
        ] {
            let error = anns.create::<Birthday>(None, &data, None).await.expect_err("refused");
            assert!(error.kind().is_some_and(|kind| kind.ends_with("_invalid_structure")), "{error:?}");
        }
        anns.create::<Birthday>(Some("kevin"), &birthday("Kevin"), None).await.expect("a row");
        let error = anns.create::<Birthday>(Some("kevin"), &birthday("Kevin"), None).await.expect_err("taken");
        assert!(error.kind().is_some_and(|kind| kind.ends_with("_already_exists")), "{error:?}");
        let error = anns.list::<Birthday>(&[Query::equal("zzz", 1)]).await.expect_err("refused");
        assert!(error.is("general_query_invalid"), "{error:?}");
        let error = by_ann.rows("nope", "x").list::<Birthday>(&[]).await.expect_err("no such database");
        assert!(error.is("database_not_found"), "{error:?}");
        backend.stop().await;
    }
}

#[tokio::test]
async fn all_rows_are_read_over_more_than_one_page() {
    for profile in PROFILES {
        let backend = Backend::start(profile).await;
        let (_, by_ann) = backend.person("Ann").await;
        let anns = by_ann.rows("main", "birthdays");
        // Appwrite accepts 120 rows per minute from one user.
        for number in 0..110 {
            let name = format!("B{:03}", (number * 37) % 110);
            anns.create::<Birthday>(None, &birthday(&name), None).await.expect("a row");
        }
        let all = anns.list_all::<Birthday>(&[Query::order_desc("name")], 1000).await.expect("rows");
        let names: Vec<_> = all.rows.iter().map(|row| row.data.name.clone()).collect();
        assert_eq!(names, (0..110).rev().map(|number| format!("B{number:03}")).collect::<Vec<_>>());
        assert!(all.complete);
        backend.stop().await;
    }
}

#[tokio::test]
async fn backend_reports_its_version() {
    for (profile, major) in [(Profile::Two, 2), (Profile::OneNine, 1), (Profile::OneFive, 1)] {
        let backend = Backend::start(profile).await;
        let version = backend.appwrite.version().await.expect("an answer").expect("a version");
        assert_eq!(version.major, major);
        assert_eq!(version.ignores_jwt_in_realtime_address(), profile != Profile::Two);
        backend.stop().await;
    }
}

#[tokio::test]
async fn stopped_backend_is_unreachable_until_restarted() {
    let data = tempfile::tempdir().expect("a folder");
    let local = local_appwrite::start(Settings::new(data.path())).await.expect("a backend");
    let settings = AppwriteSettings {
        endpoint: local.endpoint().clone(),
        project_id: local.project_id().to_owned(),
        api_key: local.api_key().clone(),
    };
    let port = settings.endpoint.port().expect("a port");
    let appwrite = Appwrite::new(settings).expect("a client");
    let account = NewAccount { email: email("Ann"), password: PASSWORD.into(), name: String::new() };
    appwrite.admin().create_account(&account, &Visitor::default()).await.expect("an account");
    let visitor = Visitor::default();
    let new =
        appwrite.admin().create_email_session(&email("Ann"), &PASSWORD.into(), &visitor).await.expect("a session");
    let ann = appwrite.session(new.secret);
    ann.account().await.expect("an account");

    local.shutdown().await;
    let error = ann.account().await.expect_err("stopped");
    assert!(matches!(error, AppwriteError::Unreachable(_)), "{error:?}");
    assert!(!error.is_signed_out(), "an outage signs nobody out");

    let mut settings = Settings::new(data.path());
    settings.listen.set_port(port);
    let local = local_appwrite::start(settings).await.expect("a backend on the same port");
    assert_eq!(ann.account().await.expect("an account").email, email("Ann"));
    local.shutdown().await;
}

#[tokio::test]
async fn key_removes_sign_in_methods_and_deletes_the_account() {
    for profile in PROFILES {
        let key = "standard_key=sessions.write,users.read,users.write";
        let backend = Backend::start_with_key(profile, key).await;
        let (user, session) = backend.person("Ann").await;
        session.update_phone("+12025550123", &PASSWORD.into()).await.expect("a user");
        let admin = backend.appwrite.admin();
        let claims = admin.claims(&user.id).await.expect("claims");
        assert!(
            claims.email == user.email && !claims.phone.is_empty() && claims.has_password,
            "{profile:?}: {claims:?}"
        );
        assert!(!claims.email_verification && !claims.phone_verification, "{profile:?}: {claims:?}");
        admin.unverify_email(&user.id).await.expect("done");
        admin.unverify_phone(&user.id).await.expect("done");
        admin.remove_password(&user.id).await.expect("done");
        admin.remove_phone(&user.id).await.expect("done");
        let claims = admin.claims(&user.id).await.expect("claims");
        assert!(
            claims.email == user.email && claims.phone.is_empty() && !claims.has_password,
            "{profile:?}: {claims:?}"
        );
        let wrong = admin.create_email_session(&user.email, &PASSWORD.into(), &Visitor::default()).await;
        assert!(wrong.expect_err("no password").is("user_invalid_credentials"), "{profile:?}");
        assert_eq!(admin.session_ids(&user.id).await.expect("sessions").len(), 1, "{profile:?}");
        assert!(admin.passkey_ids(&user.id).await.expect("passkeys").is_empty(), "{profile:?}");
        assert!(admin.linked_providers(&user.id).await.expect("providers").is_empty(), "{profile:?}");
        admin.require_users_write().await.expect("the scope");
        admin.delete_user(&user.id).await.expect("done");
        admin.delete_user(&user.id).await.expect("done already");
        assert!(session.account().await.expect_err("no account").is_signed_out(), "{profile:?}");
        backend.stop().await;
    }
    let narrow = Backend::start(Profile::Two).await;
    assert!(narrow.appwrite.admin().require_users_write().await.expect_err("no scope").lacks_scope());
    narrow.stop().await;
}

#[tokio::test]
async fn admin_records_of_a_user_contain_no_secret() {
    for profile in PROFILES {
        let backend = Backend::start(profile).await;
        let (user, session) = backend.person("Ann").await;
        let account = session.account_record().await.expect("an account");
        assert_eq!((&account["$id"], &account["email"]), (&json!(user.id), &json!(user.email)), "{profile:?}");
        let sessions = session.session_records().await.expect("sessions");
        assert!(sessions.len() == 1 && sessions[0]["provider"] == "email", "{profile:?}: {sessions:?}");
        assert!(!sessions[0].contains_key("secret") && !sessions[0].contains_key("providerAccessToken"), "{profile:?}");
        assert!(session.identity_records().await.expect("identities").is_empty(), "{profile:?}");
        let passkeys = session.passkey_records().await.expect("passkeys");
        assert_eq!(passkeys.is_some(), profile == Profile::Two, "{profile:?}");
        backend.stop().await;
    }
}

#[tokio::test]
async fn row_changed_since_it_was_read_is_not_overwritten() {
    for profile in PROFILES {
        let backend = Backend::start(profile).await;
        let (_, ann) = backend.person("Ann").await;
        let rows = ann.rows("main", "birthdays");
        let read = rows.create::<Birthday>(Some("r"), &birthday("Kevin"), None).await.expect("a row");
        let (data, older) = (json!({ "name": "Karl" }), rows.unchanged_since(read.updated_at));
        let mut changed = read.clone();
        // Appwrite stores milliseconds, so a second change in the same millisecond is not newer.
        while changed.updated_at == read.updated_at {
            changed = older.update("r", &data, None).await.expect("a row");
        }
        for result in [older.update::<Birthday>("r", &data, None).await.map(drop), older.delete("r").await] {
            let error = result.expect_err("a newer row");
            assert!(error.is_update_conflict() && error.status() == Some(409), "{profile:?}: {error:?}");
        }
        rows.unchanged_since(changed.updated_at).delete("r").await.expect("the version is known");
        backend.stop().await;
    }
}
