//! A test client with short calls and clear failures.

use local_appwrite::{Clock, LocalAppwrite, Profile, Settings};
use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap, redirect::Policy};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

pub const PASSWORD: &str = "Correct-horse-1";

/// A seed with an empty table: `name`, `birthday` and `note`.
pub const BIRTHDAYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/birthdays.seed.json");

/// A backend for one test, with its own data folder.
pub struct Backend {
    running: LocalAppwrite,
    http: reqwest::Client,
    pub folder: tempfile::TempDir,
}

/// A response.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text))
    }

    /// Asserts the status and returns the body.
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.body() }
    }

    /// The status and `type` of an error.
    pub fn error(&self) -> (u16, String) {
        (self.status.as_u16(), self.body()["type"].as_str().unwrap_or("").to_owned())
    }

    pub fn location(&self) -> String {
        self.header("location")
    }

    pub fn header(&self, name: &str) -> String {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("no header {name}: {:?}", self.headers));
        value.to_str().expect("text").to_owned()
    }
}

/// The credentials of a request.
#[derive(Clone, Copy)]
pub enum As<'secret> {
    Guest,
    Key,
    Session(&'secret str),
    Jwt(&'secret str),
}

/// A signed-in user.
pub struct Person {
    pub id: String,
    pub email: String,
    pub secret: String,
}

impl Backend {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn of(profile: Profile) -> Self {
        Self::with(|settings| settings.profile = profile).await
    }

    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::at(Clock::system(), change).await
    }

    /// Starts a backend with the table `birthdays`, unless `change` names another seed or a configuration.
    pub async fn at(clock: Clock, change: impl FnOnce(&mut Settings)) -> Self {
        let seeded = |settings: &mut Settings| {
            change(settings);
            if settings.seed_file.is_none() && settings.config.is_none() {
                settings.seed_file = Some(BIRTHDAYS.into());
            }
        };
        Self::bare(clock, seeded).await
    }

    /// Starts a backend that has no tables unless `change` names a seed or a configuration.
    pub async fn bare(clock: Clock, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::new(folder.path());
        change(&mut settings);
        let running = local_appwrite::start_with_clock(settings, clock).await.expect("a start");
        Self { running, http: http(), folder }
    }

    /// Stops the backend, and starts it again on the same data.
    pub async fn restart(self) -> Self {
        self.running.shutdown().await;
        let running = local_appwrite::start(Settings::new(self.folder.path())).await.expect("a second start");
        Self { running, ..self }
    }

    pub fn key(&self) -> String {
        self.running.api_key().expose_secret().to_owned()
    }

    pub fn origin(&self) -> String {
        self.running.endpoint().as_str().trim_end_matches("/v1").to_owned()
    }

    pub fn request(&self, who: As<'_>, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method, format!("{}{path}", self.running.endpoint()))
            .header("x-appwrite-project", self.running.project_id());
        match who {
            As::Guest => request,
            As::Key => request.header("x-appwrite-key", self.key()),
            As::Session(secret) => request.header("x-appwrite-session", secret),
            As::Jwt(jwt) => request.header("x-appwrite-jwt", jwt),
        }
    }

    pub async fn get(&self, who: As<'_>, path: &str) -> Answer {
        answer(self.request(who, Method::GET, path)).await
    }

    pub async fn post(&self, who: As<'_>, path: &str, body: Value) -> Answer {
        answer(self.request(who, Method::POST, path).json(&body)).await
    }

    pub async fn put(&self, who: As<'_>, path: &str, body: Value) -> Answer {
        answer(self.request(who, Method::PUT, path).json(&body)).await
    }

    pub async fn patch(&self, who: As<'_>, path: &str, body: Value) -> Answer {
        answer(self.request(who, Method::PATCH, path).json(&body)).await
    }

    pub async fn delete(&self, who: As<'_>, path: &str) -> Answer {
        answer(self.request(who, Method::DELETE, path)).await
    }

    /// Opens a URL outside the API, like a browser.
    pub async fn open(&self, address: &str) -> Answer {
        answer(self.http.get(address)).await
    }

    pub async fn submit(&self, address: &str, fields: &[(&str, &str)]) -> Answer {
        let form: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.http.post(address).header("content-type", "application/x-www-form-urlencoded").body(form);
        answer(request).await
    }

    pub async fn sign_up(&self, name: &str) -> Person {
        let email = format!("{}@example.com", name.to_lowercase());
        let user = json!({"userId": "unique()", "email": email, "password": PASSWORD, "name": name});
        let user = self.post(As::Key, "/account", user).await.expect(201);
        let secret = self.sign_in(&email).await;
        Person { id: user["$id"].as_str().expect("an id").to_owned(), email, secret }
    }

    pub async fn sign_in(&self, email: &str) -> String {
        let session = json!({"email": email, "password": PASSWORD});
        let session = self.post(As::Key, "/account/sessions/email", session).await.expect(201);
        session["secret"].as_str().expect("a secret").to_owned()
    }

    /// The newest message that was sent to this address.
    pub async fn message_to(&self, to: &str) -> Value {
        let all = self.open(&format!("{}/outbox/messages", self.origin())).await.expect(200);
        let all = all.as_array().expect("a list").clone();
        all.into_iter().rev().find(|message| message["to"] == to).unwrap_or_else(|| panic!("no message to {to}"))
    }
}

pub fn http() -> reqwest::Client {
    reqwest::Client::builder().redirect(Policy::none()).build().expect("a client")
}

pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, text: response.text().await.expect("a body") }
}

/// The first URL in a text.
pub fn link_in(text: &str) -> url::Url {
    let start = text.find("http").unwrap_or_else(|| panic!("no link: {text}"));
    let link = text[start..].split_whitespace().next().unwrap_or("");
    url::Url::parse(link).expect("an URL")
}

/// A query parameter of a URL.
pub fn parameter(url: &url::Url, name: &str) -> String {
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.unwrap_or_else(|| panic!("no {name} in {url}")).1.into_owned()
}
