//! Signed-in users, created at Appwrite and signed in by the app, and the rows that they receive.

use std::net::Ipv4Addr;

use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::header::SET_COOKIE;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use url::Url;

use crate::Failure;

/// Concurrent sign-ins.
const AT_ONCE: usize = 4;
const PROJECT: &str = "demo";
const PASSWORD: &str = "correct horse battery staple";

/// A signed-in user.
pub struct Person {
    /// The cookie that a browser would send.
    pub cookie: String,
    /// The session's secret.
    pub secret: String,
    /// The user's address. Each has another one, so that limits per address do not apply to all together.
    pub address: Ipv4Addr,
}

/// Appwrite, called with a key that has all scopes.
pub struct Backend {
    client: Client,
    endpoint: Url,
    key: String,
}

impl Backend {
    pub fn new(endpoint: &Url, key: &str) -> Result<Self, Failure> {
        Ok(Self { client: Client::builder().build()?, endpoint: endpoint.clone(), key: key.to_owned() })
    }

    /// Adds a row that all signed-in users may see.
    pub async fn write_row(&self, name: &str) -> Result<(), Failure> {
        let row = json!({
            "rowId": "unique()",
            "data": { "name": name, "birthday": "1906-12-09T00:00:00.000+00:00" },
            "permissions": ["read(\"users\")"],
        });
        self.by_key("/tablesdb/main/tables/birthdays/rows", &row).await
    }

    /// A JWT of this session.
    pub async fn jwt(&self, person: &Person) -> Result<String, Failure> {
        let call = self.call("/account/jwts").header("x-appwrite-session", &person.secret).json(&json!({}));
        let answer: Value = good(call).await?.json().await?;
        Ok(answer["jwt"].as_str().ok_or("Appwrite's answer has no JWT")?.to_owned())
    }

    async fn by_key(&self, path: &str, body: &Value) -> Result<(), Failure> {
        good(self.call(path).header("x-appwrite-key", &self.key).json(body)).await?;
        Ok(())
    }

    /// The address of Realtime.
    pub fn realtime(&self) -> Result<Url, Failure> {
        let mut address: Url = self.address("/realtime").parse()?;
        address.query_pairs_mut().append_pair("project", PROJECT);
        Ok(address)
    }

    fn call(&self, path: &str) -> RequestBuilder {
        self.client.post(self.address(path)).header("x-appwrite-project", PROJECT)
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.endpoint.as_str().trim_end_matches('/'))
    }
}

/// Creates this many users, each with another address, and signs them in.
pub async fn sign_in_many(backend: &Backend, app: &Url, count: usize) -> Result<Vec<Person>, Failure> {
    let mark = std::process::id();
    stream::iter(0..u32::try_from(count)?)
        .map(|number| async move {
            let email = format!("person.{number}.{mark}@example.org");
            let body = json!({ "userId": "unique()", "email": email, "password": PASSWORD, "name": "Person" });
            backend.by_key("/users", &body).await?;
            sign_in(&backend.client, app, &email, Ipv4Addr::from_bits(0x0a00_0000 + number)).await
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

async fn sign_in(client: &Client, app: &Url, email: &str, address: Ipv4Addr) -> Result<Person, Failure> {
    let call = client
        .post(app.join("/api/login")?)
        .header("origin", app.origin().ascii_serialization())
        .header("x-forwarded-for", address.to_string())
        .json(&json!({ "email": email, "password": PASSWORD }));
    let answer = good(call).await?;
    let cookies = answer.headers().get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let cookie = cookies.filter_map(|cookie| cookie.split(';').next()).find(|cookie| cookie.starts_with("session="));
    let cookie = cookie.ok_or("the app has set no cookie")?.to_owned();
    let secret = cookie.trim_start_matches("session=").replace("%3D", "=");
    Ok(Person { cookie, secret, address })
}

async fn good(call: RequestBuilder) -> Result<Response, Failure> {
    let answer = call.send().await?;
    if answer.status().is_success() {
        return Ok(answer);
    }
    let (path, status) = (answer.url().path().to_owned(), answer.status());
    Err(format!("{path} answered {status}: {}", answer.text().await?).into())
}
