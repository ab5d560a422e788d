//! Serves every response recorded from a real 1.9.6 on this client's routes to the client again.

use std::{fs, path::Path};

use appwrite_client::{AppwriteError, NewAccount, SessionId, Visitor};
use serde_json::Value;
use url::Url;

use crate::{
    client, session,
    upstream::{Answer, Upstream},
};

/// One recorded exchange.
struct Exchange {
    name: String,
    method: String,
    path: String,
    by_key: bool,
    status: u16,
    reset: Option<String>,
    body: Value,
}

fn recorded() -> Vec<Exchange> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../local-appwrite/conformance/recordings");
    let files = ["account-create", "account-get", "jwt", "rows", "sessions", "sessions-email", "rate-limits", "tokens"];
    files.into_iter().flat_map(|file| read(file, &folder.join(file).with_extension("json"))).collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

fn read(subject: &str, file: &Path) -> Vec<Exchange> {
    let contents = fs::read(file).unwrap_or_else(|error| panic!("{} cannot be read: {error}", file.display()));
    let exchanges: Vec<Value> = serde_json::from_slice(&contents).expect("a list of exchanges");
    exchanges
        .iter()
        .filter(|exchange| exchange.get("request").is_some())
        .map(|exchange| {
            let (request, response) = (&exchange["request"], &exchange["response"]);
            Exchange {
                name: format!("{subject}: {}", text(&exchange["name"])),
                method: text(&request["method"]),
                path: text(&request["path"]),
                by_key: request["headers"].get("X-Appwrite-Key").is_some(),
                status: response["status"].as_u64().and_then(|status| status.try_into().ok()).expect("a status"),
                reset: response["headers"]["x-ratelimit-reset"].as_str().map(str::to_owned),
                body: response["body"].clone(),
            }
        })
        .collect()
}

impl Exchange {
    async fn upstream(&self) -> Upstream {
        let answer = match &self.body {
            Value::String(html) => {
                let headers = vec![("content-type", "text/html; charset=UTF-8".to_owned())];
                Answer::Whole { status: self.status, headers, body: html.clone().into_bytes() }
            }
            body => Answer::json(self.status, body.clone()),
        };
        Upstream::always(match &self.reset {
            Some(reset) => answer.header("x-ratelimit-reset", reset),
            None => answer,
        })
        .await
    }

    /// Makes the client's call that this exchange answers, if the client has one.
    async fn call(&self, upstream: &Upstream) -> Option<Result<(), AppwriteError>> {
        let appwrite = client(upstream);
        let (admin, person) = (appwrite.admin(), session(&appwrite));
        let visitor = Visitor::default();
        let path = self.path.split('?').next().unwrap_or_default();
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let method = self.method.as_str();
        Some(match (method, segments.as_slice()) {
            ("POST", ["account"]) => {
                let account = NewAccount { email: "ann@example.com".into(), password: "x".into(), name: String::new() };
                admin.create_account(&account, &visitor).await.map(|user| assert_eq!(user.id, self.body["$id"]))
            }
            ("GET", ["account"]) => person.account().await.map(|user| {
                assert_eq!(user.id, self.body["$id"]);
                assert_eq!(user.email, self.body["email"]);
            }),
            ("POST", ["account", "sessions", "email"]) if self.by_key => {
                admin.create_email_session("ann@example.com", &"x".into(), &visitor).await.map(|new| {
                    assert_eq!(new.secret.expose(), self.body["secret"]);
                    assert_eq!(new.session.user_id, self.body["userId"]);
                })
            }
            ("POST", ["account", "sessions", "email"]) => {
                let result = admin.create_email_session("ann@example.com", &"x".into(), &visitor).await;
                match result {
                    Err(AppwriteError::SecretWithheld) if self.status == 201 => Ok(()),
                    other => other.map(|_| panic!("{}: a session without a secret was taken", self.name)),
                }
            }
            ("POST", ["account", "sessions", "token"]) if self.by_key => {
                admin.create_token_session("kay", &"x".into(), &visitor).await.map(|new| {
                    assert_eq!(new.secret.expose(), self.body["secret"]);
                    assert_eq!(new.session.user_id, self.body["userId"]);
                })
            }
            ("POST", ["account", "tokens", way @ ("magic-url" | "email" | "phone")]) => {
                let result = match *way {
                    "magic-url" => {
                        let page = Url::parse("https://app.example/login/link/open").expect("an address");
                        admin.create_magic_url_token("ann@example.com", &page, &visitor).await
                    }
                    "email" => admin.create_email_token("ann@example.com", &visitor).await,
                    _ => admin.create_phone_token("+12025550123", &visitor).await,
                };
                result.map(|token| {
                    assert_eq!((token.user_id, token.phrase), (text(&self.body["userId"]), text(&self.body["phrase"])));
                    assert!(token.expire.is_some());
                })
            }
            ("GET", ["account", "sessions"]) => person.sessions().await.map(|sessions| {
                assert_eq!(sessions.len(), self.body["sessions"].as_array().map_or(0, Vec::len));
                assert!(sessions.iter().all(|session| session.expire.is_some()));
                assert_eq!(sessions.iter().filter(|session| session.current).count(), 1);
            }),
            ("GET", ["account", "sessions", _]) => person.session(SessionId::Current).await.map(|session| {
                assert_eq!(session.id, self.body["$id"]);
                assert!(session.expire.is_some(), "{}", self.name);
            }),
            ("DELETE", ["account", "sessions", _]) => person.delete_session(SessionId::Current).await,
            ("POST", ["account", "jwts" | "jwt"]) => person.create_jwt(None).await.map(drop),
            ("POST", ["users", user, "jwts"]) => admin.create_jwt_for_session(user, "5f2c", None).await.map(drop),
            ("GET", ["tablesdb", _, "tables", _, "rows"] | ["databases", _, "collections", _, "documents"]) => {
                person.rows("main", "birthdays").list::<Value>(&[]).await.map(|list| {
                    assert_eq!(list.total, self.body["total"]);
                    let rows = self.body.get("rows").or(self.body.get("documents")).and_then(Value::as_array);
                    assert_eq!(list.rows.len(), rows.map_or(0, Vec::len));
                    assert!(list.rows.iter().all(|row| row.created_at.is_some()));
                })
            }
            ("POST", ["tablesdb", _, "tables", _, "rows"]) => {
                person.rows("main", "birthdays").create::<Value>(None, &self.body, None).await.map(|row| {
                    assert_eq!(row.id, self.body["$id"]);
                    assert_eq!(row.data["name"], self.body["name"]);
                })
            }
            ("GET", ["tablesdb", _, "tables", _, "rows", _]) => {
                person.rows("main", "birthdays").get::<Value>("x").await.map(drop)
            }
            ("PATCH", ["tablesdb", _, "tables", _, "rows", _]) => {
                person.rows("main", "birthdays").update::<Value>("x", &self.body, None).await.map(drop)
            }
            ("DELETE", ["tablesdb", _, "tables", _, "rows", _]) => person.rows("main", "birthdays").delete("x").await,
            _ => return None,
        })
    }
}

#[tokio::test]
async fn every_recorded_response_is_parsed() {
    let mut understood = 0;
    for exchange in recorded() {
        let upstream = exchange.upstream().await;
        let Some(result) = exchange.call(&upstream).await else { continue };
        understood += 1;
        let Exchange { name, status, body, reset, .. } = &exchange;
        match (status, result) {
            (200..300, Ok(())) => {}
            (200..300, Err(error)) => panic!("{name}: {error:?}"),
            (_, Ok(())) => panic!("{name}: an error of status {status} was taken for an answer"),
            (_, Err(AppwriteError::Api(error))) => {
                assert_eq!(body["type"], error.kind, "{name}");
                assert_eq!(*status, error.status, "{name}");
                assert_eq!(error.reset.map(|moment| moment.as_second().to_string()), *reset, "{name}");
            }
            (_, Err(error)) => panic!("{name}: {error:?} instead of {body}"),
        }
    }
    assert!(understood > 90, "only {understood} recorded exchanges belong to routes of this client");
}
