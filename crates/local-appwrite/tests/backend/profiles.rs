//! Older versions refuse what they do not support, according to their sources (tags 1.5.7, 1.6.2, 1.8.1 and 1.9.6).

use local_appwrite::Profile;
use reqwest::Method;
use serde_json::json;

use crate::client::{As, Backend, PASSWORD, answer};

const OLDER: [Profile; 4] = [Profile::OneFive, Profile::OneSix, Profile::OneEight, Profile::OneNine];

#[tokio::test]
async fn routes_exist_from_their_version_on() {
    for profile in OLDER {
        let backend = Backend::of(profile).await;
        let version = backend.get(As::Guest, "/health/version").await.expect(200)["version"].clone();
        assert_eq!(version, profile.version());
        for (method, path, since) in [
            (Method::GET, "/ping", Profile::OneSix),
            (Method::POST, "/account/jwts", Profile::OneSix),
            (Method::POST, "/users/x/jwts", Profile::OneSix),
            (Method::POST, "/account/mfa/challenge", Profile::OneFive),
            (Method::POST, "/account/mfa/challenges", Profile::OneEight),
            (Method::POST, "/account/verifications/email", Profile::OneEight),
            (Method::GET, "/tablesdb", Profile::OneEight),
            (Method::POST, "/databases/transactions/x/operations", Profile::OneEight),
            (Method::PUT, "/databases/main/collections/birthdays/documents/x", Profile::OneEight),
            (Method::DELETE, "/databases/main/collections/birthdays/documents", Profile::OneEight),
            (Method::PATCH, "/databases/main/collections/birthdays/documents/x/n/increment", Profile::OneEight),
            (Method::GET, "/tokens/x", Profile::OneEight),
            (Method::GET, "/sites", Profile::OneEight),
            (Method::GET, "/presences", Profile::OneNine),
            (Method::GET, "/project/policies/session-limit", Profile::OneNine),
            (Method::PATCH, "/users/x/impersonator", Profile::OneNine),
        ] {
            let found = answer(backend.request(As::Key, method.clone(), path).json(&json!({}))).await;
            let is_unknown = found.text.contains("general_route_not_found");
            assert_eq!(is_unknown, profile < since, "{profile:?} {method} {path}: {}", found.text);
        }
    }
}

#[tokio::test]
async fn responses_have_the_fields_of_their_version() {
    for profile in OLDER {
        let backend = Backend::of(profile).await;
        let since = |version| profile >= version;
        let table = backend.get(As::Key, "/databases/main/collections/birthdays").await.expect(200);
        assert_eq!(table.get("bytesMax").is_some(), since(Profile::OneNine), "{profile:?}");
        let column = &table["attributes"][0];
        assert_eq!(column.get("encrypt").is_some(), since(Profile::OneEight), "{profile:?}");
        assert_eq!(column.get("$createdAt").is_some(), since(Profile::OneSix), "{profile:?}");
        assert!(table.get("$createdAt").is_some(), "{profile:?}");
        let database = backend.get(As::Key, "/databases/main").await.expect(200);
        assert_eq!(database.get("type").is_some(), since(Profile::OneEight), "{profile:?}");
        let bucket = json!({"bucketId": "b", "name": "B"});
        let bucket = backend.post(As::Key, "/storage/buckets", bucket).await.expect(201);
        assert_eq!(bucket.get("transformations").is_some(), since(Profile::OneEight), "{profile:?}");
        let user = json!({"userId": "kay", "email": "kay@example.com", "password": PASSWORD});
        let user = backend.post(As::Key, "/account", user).await.expect(201);
        assert_eq!(user.get("impersonator").is_some(), since(Profile::OneNine), "{profile:?}");
        let data = json!({"name": "Kay", "birthday": "2000-01-01"});
        let row = json!({"documentId": "r", "data": data});
        let rows = "/databases/main/collections/birthdays/documents";
        let row = backend.post(As::Key, rows, row).await.expect(201);
        assert_eq!(row.get("$sequence").is_some(), since(Profile::OneEight), "{profile:?}");
    }
}

#[tokio::test]
async fn sessions_follow_the_rules_of_their_version() {
    for profile in OLDER {
        let backend = Backend::of(profile).await;
        let ann = backend.sign_up("Ann").await;
        let both =
            backend.request(As::Session(&ann.secret), Method::GET, "/account").header("x-appwrite-key", backend.key());
        let both = answer(both).await;
        assert_eq!(both.text.contains("user_api_key_and_session_set"), profile < Profile::OneNine, "{profile:?}");
        for _ in 0..11 {
            backend.sign_in(&ann.email).await;
        }
        let sessions = backend.get(As::Key, &format!("/users/{}/sessions", ann.id)).await.expect(200);
        assert_eq!(sessions["total"], if profile < Profile::OneNine { 10 } else { 12 }, "{profile:?}");
        let own = backend.sign_in(&ann.email).await;
        let password = json!({"password": "Another-horse-2", "oldPassword": PASSWORD});
        backend.patch(As::Session(&own), "/account/password", password).await.expect(200);
        let sessions = backend.get(As::Key, &format!("/users/{}/sessions", ann.id)).await.expect(200);
        assert_eq!(sessions["total"] == 1, profile >= Profile::OneEight, "{profile:?}");
    }
}
