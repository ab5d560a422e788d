//! A browser without JavaScript: keeps cookies and sends the headers of real browsers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use cookie::{Cookie, SameSite};
use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder};

const HTML: &str = "text/html,application/xhtml+xml";

/// A user's browser.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    origin: String,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
    strict: Arc<Mutex<BTreeSet<String>>>,
}

/// True if the browser sends `Sec-Fetch-*` headers. Older browsers do not, and some proxies remove them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchMetadata {
    Sent,
    Missing,
}

/// A response with its whole body.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Browser {
    pub fn new(origin: &str) -> Self {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { client, origin: origin.into(), cookies: Arc::default(), strict: Arc::default() }
    }

    /// The same browser, with the same cookies, at another instance of the app.
    pub fn at(&self, origin: &str) -> Self {
        Self { origin: origin.into(), ..self.clone() }
    }

    /// The app's origin.
    pub fn origin(&self) -> String {
        self.origin.clone()
    }

    /// The same browser, whose user has just signed up with this name and the address `NAME@example.com`.
    pub async fn signed_up(self, name: &str) -> Self {
        let email = format!("{}@example.com", name.to_lowercase());
        let fields = [("name", name), ("email", &email), ("password", "Correct-horse-1"), ("keep", "yes")];
        let answer = self.post_form("/actions/sign_up", &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        self
    }

    /// Opens a page like a user who types its address.
    pub async fn open(&self, path: &str) -> Answer {
        let request = self.request(Method::GET, path).header(ACCEPT, HTML);
        self.send(request.header("sec-fetch-site", "none").header("sec-fetch-mode", "navigate")).await
    }

    /// Opens a page by another site's link. Returns all responses, the page last. Sends `Strict` cookies only after a
    /// page of the app has started the next navigation.
    pub async fn open_from_other_site(&self, path: &str, metadata: FetchMetadata) -> Vec<Answer> {
        let (mut path, mut site, mut answers) = (path.to_owned(), "cross-site", Vec::new());
        loop {
            assert!(answers.len() < 20, "{path} opens itself for ever");
            let mut request = self.client.get(format!("{}{path}", self.origin)).header(ACCEPT, HTML);
            let cookies = self.cookie_header(|name| site == "same-origin" || !self.is_strict(name));
            if !cookies.is_empty() {
                request = request.header(COOKIE, cookies);
            }
            if metadata == FetchMetadata::Sent {
                request = request.header("sec-fetch-site", site).header("sec-fetch-mode", "navigate");
            }
            let answer = self.send(request).await;
            let opened = answer.opened();
            if answer.status == 303 {
                answer.location().clone_into(&mut path);
            } else if let Some(opened) = &opened {
                (path, site) = (opened.clone(), "same-origin");
            }
            let is_last = answer.status != 303 && opened.is_none();
            answers.push(answer);
            if is_last {
                return answers;
            }
        }
    }

    fn is_strict(&self, name: &str) -> bool {
        self.strict.lock().expect("cookies").contains(name)
    }

    fn cookie_header(&self, is_sent: impl Fn(&str) -> bool) -> String {
        let cookies = self.cookies.lock().expect("cookies");
        let sent = cookies.iter().filter(|(name, _)| is_sent(name));
        sent.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Submits a form of the app without JavaScript.
    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::POST, path).header(ACCEPT, HTML).form(fields);
        self.send(request.header(ORIGIN, &self.origin).header("sec-fetch-site", "same-origin")).await
    }

    /// Calls a server function like the page's script.
    pub async fn call(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::POST, path).header(ACCEPT, "application/json").form(fields);
        self.send(request.header(ORIGIN, &self.origin).header("sec-fetch-site", "same-origin")).await
    }

    /// Posts JSON like a program.
    pub async fn post_json(&self, path: &str, body: &serde_json::Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// Posts a body of any content type.
    pub async fn post(&self, path: &str, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.request(Method::POST, path).header(CONTENT_TYPE, content_type).body(body);
        self.send(request.header("sec-fetch-site", "same-origin")).await
    }

    /// Builds a request with this browser's cookies.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let header = self.cookie_header(|_| true);
        let request = self.client.request(method, format!("{}{path}", self.origin));
        if header.is_empty() { request } else { request.header(COOKIE, header) }
    }

    /// Sends the request and stores the response's cookies.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let answer = Answer { status, headers, body: response.text().await.expect("a body") };
        let mut cookies = self.cookies.lock().expect("cookies");
        for cookie in answer.cookies() {
            let is_gone = cookie.expires_datetime().is_some_and(|at| at.unix_timestamp() <= 0)
                || cookie.max_age().is_some_and(|age| age.is_zero());
            if is_gone {
                cookies.remove(cookie.name());
            } else {
                cookies.insert(cookie.name().into(), cookie.value().into());
                if cookie.same_site() == Some(SameSite::Strict) {
                    self.strict.lock().expect("cookies").insert(cookie.name().into());
                }
            }
        }
        drop(cookies);
        answer
    }

    /// The value of a stored cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().expect("cookies").get(name).cloned()
    }

    /// Deletes a cookie.
    pub fn lose(&self, name: &str) {
        self.cookies.lock().expect("cookies").remove(name);
    }

    /// Sets a cookie, like an attacker or an earlier visit.
    pub fn plant(&self, name: &str, value: &str) {
        self.cookies.lock().expect("cookies").insert(name.into(), value.into());
    }
}

impl Answer {
    /// The cookies that the response sets.
    pub fn cookies(&self) -> Vec<Cookie<'static>> {
        let values = self.headers.get_all(SET_COOKIE).iter();
        values.map(|value| Cookie::parse(value.to_str().expect("text").to_owned()).expect("a cookie")).collect()
    }

    /// The cookie of this name that the response sets.
    pub fn set_cookie(&self, name: &str) -> Option<Cookie<'static>> {
        self.cookies().into_iter().find(|cookie| cookie.name() == name)
    }

    /// The value of a header; empty if missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// The redirect's target.
    pub fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }

    /// The URL that an intermediate page opens by itself, if this is one.
    pub fn opened(&self) -> Option<String> {
        let rest = self.body.split_once("http-equiv=\"refresh\" content=\"0;url=")?.1;
        Some(rest.split('"').next()?.replace("&amp;", "&"))
    }

    /// The opening tag of the field with this name.
    pub fn field(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\"");
        let mut tags = self.body.split('<').filter(|tag| tag.starts_with("input") && tag.contains(&mark));
        tags.next_back().and_then(|tag| tag.split('>').next()).unwrap_or_else(|| panic!("no field {name}")).to_owned()
    }

    /// The HTML of the page's `<main>`.
    pub fn main(&self) -> &str {
        let main = self.body.split_once("<main").and_then(|(_, rest)| rest.split_once("</main>"));
        main.unwrap_or_else(|| panic!("no main part in {}", self.body)).0
    }

    /// The body, parsed as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// Asserts that the page has this notice, and that the browser focuses it without a script.
#[track_caller]
pub fn assert_takes_focus(page: &Answer, notice: &str) {
    let (before, _) = page.body.split_once(notice).unwrap_or_else(|| panic!("no {notice}: {}", page.body));
    let element = before.rsplit_once("<p ").expect("a paragraph").1;
    assert!(element.contains("autofocus") && element.contains("tabindex=\"-1\""), "{element}");
    assert_eq!(page.body.matches("autofocus").count(), 1, "{}", page.body);
}
