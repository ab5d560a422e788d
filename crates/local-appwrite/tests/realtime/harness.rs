//! A running backend, its users, and sockets that read frames.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use local_appwrite::{Clock, LocalAppwrite, Profile, Settings};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// The time limit for a frame; after it, the test fails.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The channel of the table that every backend has.
pub const ROWS: &str = "tablesdb.main.tables.birthdays.rows";

const PASSWORD: &str = "Correct-horse-1";

/// A backend for one test, with a manual clock.
pub struct Backend {
    running: LocalAppwrite,
    http: reqwest::Client,
    clock: Clock,
    _data: TempDir,
}

/// A signed-in user.
pub struct Person {
    pub id: String,
    pub session_id: String,
    /// The client's session: base64 of the user's id and the session's secret.
    pub session: String,
}

/// An open socket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Backend {
    pub async fn start(profile: Profile) -> Self {
        Self::start_with(profile, |_| {}).await
    }

    /// A backend with other settings than the defaults.
    pub async fn start_with(profile: Profile, change: impl FnOnce(&mut Settings)) -> Self {
        let data = tempfile::tempdir().expect("a folder for the data");
        let mut settings = Settings::new(data.path());
        settings.profile = profile;
        settings.seed_file = Some(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/birthdays.seed.json").into());
        change(&mut settings);
        let clock = Clock::manual("2026-11-21T06:55:00Z".parse().expect("a timestamp"));
        let running = local_appwrite::start_with_clock(settings, clock.clone()).await.expect("a running backend");
        Self { running, http: reqwest::Client::new(), clock, _data: data }
    }

    /// Moves the backend's time forward.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    pub async fn shutdown(self) {
        self.running.shutdown().await;
    }

    /// Signs a user up and in with the API key, like an app's server.
    pub async fn person(&self, name: &str) -> Person {
        let email = email_of(name);
        let account = json!({"userId": "unique()", "email": email, "password": PASSWORD, "name": name});
        self.with_key(Method::POST, "/account", account).await;
        self.sign_in(name).await
    }

    /// Creates another session for an existing user.
    pub async fn sign_in(&self, name: &str) -> Person {
        let session = json!({"email": email_of(name), "password": PASSWORD});
        let session = self.with_key(Method::POST, "/account/sessions/email", session).await;
        Person { id: text(&session, "userId"), session_id: text(&session, "$id"), session: text(&session, "secret") }
    }

    /// A JWT of the user's session that lives for a minute.
    pub async fn jwt(&self, person: &Person) -> String {
        let answer = self.with_session(person, Method::POST, "/account/jwt", json!({"duration": 60})).await;
        text(&answer, "jwt")
    }

    /// Adds a row, with the default permissions when `permissions` is null.
    pub async fn add_row(&self, person: &Person, name: &str, permissions: Value) -> String {
        let mut row = json!({"rowId": "unique()", "data": {"name": name, "birthday": "2012-02-03"}});
        if !permissions.is_null() {
            row["permissions"] = permissions;
        }
        let row = self.with_session(person, Method::POST, "/tablesdb/main/tables/birthdays/rows", row).await;
        text(&row, "$id")
    }

    /// Calls the API with the person's session. The call must succeed.
    pub async fn with_session(&self, person: &Person, method: Method, path: &str, body: Value) -> Value {
        self.call(method, path, ("x-appwrite-session", &person.session), body).await
    }

    pub async fn with_key(&self, method: Method, path: &str, body: Value) -> Value {
        self.call(method, path, ("x-appwrite-key", self.running.api_key().expose_secret()), body).await
    }

    /// Resets the backend.
    pub async fn reset(&self) {
        let url = self.running.endpoint().as_str().replace("/v1", "/local/reset");
        let request = self.http.post(url).header("x-appwrite-key", self.running.api_key().expose_secret());
        assert_eq!(request.send().await.expect("an answer").status(), 200);
    }

    async fn call(&self, method: Method, path: &str, credential: (&str, &str), body: Value) -> Value {
        let url = format!("{}{path}", self.running.endpoint());
        let request = self
            .http
            .request(method.clone(), url)
            .header("x-appwrite-project", self.running.project_id())
            .header(credential.0, credential.1)
            .json(&body);
        let response = request.send().await.expect("an answer");
        let status = response.status();
        let body = response.text().await.expect("a body");
        assert!(status.is_success(), "{method} {path}: {status} {body}");
        if body.is_empty() { Value::Null } else { serde_json::from_str(&body).expect("a JSON body") }
    }

    /// The status of a GET without an upgrade.
    pub async fn plain_get(&self, path: &str) -> reqwest::StatusCode {
        let url = format!("{}{path}", self.running.endpoint());
        self.http.get(url).send().await.expect("an answer").status()
    }

    /// Opens a socket for the project with further query parameters and headers. Does not read the first frame.
    pub async fn open(&self, query: &str, headers: &[(&str, &str)]) -> Socket {
        self.open_for(&format!("project={}&{query}", self.running.project_id()), headers).await
    }

    /// Opens a socket with exactly this query.
    pub async fn open_for(&self, query: &str, headers: &[(&str, &str)]) -> Socket {
        let endpoint = self.running.endpoint().as_str().replacen("http", "ws", 1);
        let mut request = format!("{endpoint}/realtime?{query}").into_client_request().expect("a request");
        for (name, value) in headers {
            let name: HeaderName = name.parse().expect("a header's name");
            request.headers_mut().insert(name, HeaderValue::from_str(value).expect("a header's value"));
        }
        let (socket, _) = tokio_tungstenite::connect_async(request).await.expect("an upgrade");
        Socket(socket)
    }

    /// Opens a socket that must be accepted, and reads its `connected` frame.
    pub async fn connect(&self, query: &str, headers: &[(&str, &str)]) -> (Socket, Value) {
        let mut socket = self.open(query, headers).await;
        let connected = socket.frame().await;
        assert_eq!(connected["type"], "connected", "{connected}");
        (socket, connected["data"].clone())
    }

    /// Opens a socket of `person` with these channels in its URL.
    pub async fn listen(&self, person: &Person, channels: &[&str]) -> Socket {
        let (socket, connected) = self.connect(&url(channels), &[("x-appwrite-session", &person.session)]).await;
        assert_eq!(connected["user"]["$id"], person.id.as_str());
        socket
    }

    /// Opens a socket that must be refused. Returns the code and message of its `error` frame.
    pub async fn refusal(&self, query: &str, headers: &[(&str, &str)]) -> (i64, String) {
        let mut socket = self.open(query, headers).await;
        let refusal = socket.error().await;
        socket.assert_dropped().await;
        refusal
    }
}

impl Socket {
    /// The next frame.
    pub async fn frame(&mut self) -> Value {
        match self.message().await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).expect("a frame is JSON"),
            other => panic!("no frame but {other:?}"),
        }
    }

    /// The data of the next frame, which must be an event.
    pub async fn event(&mut self) -> Value {
        let frame = self.frame().await;
        assert_eq!(frame["type"], "event", "{frame}");
        frame["data"].clone()
    }

    /// The data of the next frame, which must be the response to a message of the type `to`.
    pub async fn response(&mut self, to: &str) -> Value {
        let frame = self.frame().await;
        assert_eq!((&frame["type"], &frame["data"]["to"]), (&json!("response"), &json!(to)), "{frame}");
        frame["data"].clone()
    }

    /// The code and message of the next frame, which must be an error.
    pub async fn error(&mut self) -> (i64, String) {
        let frame = self.frame().await;
        assert_eq!(frame["type"], "error", "{frame}");
        (frame["data"]["code"].as_i64().expect("a code"), text(&frame["data"], "message"))
    }

    pub async fn send(&mut self, message: Value) {
        self.send_text(&message.to_string()).await;
    }

    pub async fn send_text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.expect("a socket that takes frames");
    }

    /// Proves that no other frame was sent: frames arrive in order, so the next one is the response to a ping.
    pub async fn assert_quiet(&mut self) {
        self.send(json!({"type": "ping"})).await;
        let frame = self.frame().await;
        assert_eq!(frame, json!({"type": "pong"}), "something came");
    }

    /// Asserts that the connection ended without a closing handshake, which browsers report as 1006.
    pub async fn assert_dropped(&mut self) {
        match self.message().await {
            None | Some(Err(Error::Protocol(_) | Error::Io(_))) => {}
            other => panic!("the socket is not dropped: {other:?}"),
        }
    }

    /// The code with which the server closed.
    pub async fn close_code(&mut self) -> u16 {
        match self.message().await {
            Some(Ok(Message::Close(Some(frame)))) => frame.code.into(),
            other => panic!("the socket is not closed: {other:?}"),
        }
    }

    pub async fn close(mut self) {
        self.0.close(None).await.expect("a socket that closes");
        while let Some(Ok(_)) = self.message().await {}
    }

    async fn message(&mut self) -> Option<Result<Message, Error>> {
        tokio::time::timeout(TIMEOUT, self.0.next()).await.expect("a frame in time")
    }
}

/// `channels[]=…` for each channel.
pub fn url(channels: &[&str]) -> String {
    query(&channels.iter().map(|channel| ("channels[]", *channel)).collect::<Vec<_>>())
}

/// Pairs as a query string.
pub fn query(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn email_of(name: &str) -> String {
    format!("{name}@example.com")
}

/// A field that must be a text.
pub fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_else(|| panic!("no text {key:?} in {value}")).to_owned()
}
