//! One request to Appwrite, from its parts to a typed response.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{
    Method, Request, Response, StatusCode,
    header::{DATE, HeaderMap, HeaderName, HeaderValue, LOCATION, ORIGIN},
};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout};
use tracing::{Instrument, debug, debug_span, warn};
use url::Url;

use super::{
    error::{ApiError, AppwriteError},
    metering,
    model::ErrorBody,
    project::{Appwrite, SessionSecret, secret_header},
    tracing_calls,
    visitor::Visitor,
};

const PROJECT: HeaderName = HeaderName::from_static("x-appwrite-project");
const KEY: HeaderName = HeaderName::from_static("x-appwrite-key");
const SESSION: HeaderName = HeaderName::from_static("x-appwrite-session");
const JWT: HeaderName = HeaderName::from_static("x-appwrite-jwt");
const FORWARDED_USER_AGENT: HeaderName = HeaderName::from_static("x-forwarded-user-agent");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const TIMESTAMP: HeaderName = HeaderName::from_static("x-appwrite-timestamp");
const RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// The credential of a call: a single value, so that no call can send two.
#[derive(Debug, Clone)]
pub(super) enum Credential {
    Key,
    Session(SessionSecret),
    Jwt(SecretString),
    None,
}

impl Credential {
    /// Returns the kind of caller, for metrics.
    fn caller(&self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Session(_) => "session",
            Self::Jwt(_) => "jwt",
            Self::None => "guest",
        }
    }
}

/// A request under construction.
#[must_use = "nothing is sent before the answer is asked for"]
pub(super) struct Call {
    appwrite: Appwrite,
    credential: Credential,
    method: Method,
    segments: Vec<String>,
    query: Vec<(&'static str, String)>,
    body: Option<serde_json::Value>,
    visitor: Visitor,
    origin: Option<HeaderValue>,
    about_own_session: bool,
    may_be_missing: bool,
    unchanged_since: Option<Timestamp>,
    endpoint: Option<Url>,
}

/// A successful response.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn unexpected(&self) -> AppwriteError {
        AppwriteError::Unexpected { status: self.status.as_u16() }
    }
}

impl Call {
    /// Creates a call of `method` on the path of `segments`, each percent-encoded separately.
    pub fn new(appwrite: &Appwrite, credential: Credential, method: Method, segments: &[&str]) -> Self {
        Self {
            appwrite: appwrite.clone(),
            credential,
            method,
            segments: segments.iter().map(|segment| (*segment).to_owned()).collect(),
            query: Vec::new(),
            body: None,
            visitor: Visitor::default(),
            origin: None,
            about_own_session: false,
            may_be_missing: false,
            unchanged_since: None,
            endpoint: None,
        }
    }

    /// Adds a pair to the query string.
    pub fn query(mut self, name: &'static str, value: String) -> Self {
        self.query.push((name, value));
        self
    }

    /// Sends `body` as JSON.
    pub fn json(mut self, body: serde_json::Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Tells Appwrite the user for whom our server calls.
    pub fn on_behalf_of(mut self, visitor: &Visitor) -> Self {
        self.visitor = visitor.clone();
        self
    }

    /// Calls as a page of this origin.
    pub fn with_origin(mut self, origin: HeaderValue) -> Self {
        self.origin = Some(origin);
        self
    }

    /// Treats "no such session" as the end of the caller's own session.
    pub fn about_own_session(mut self) -> Self {
        self.about_own_session = true;
        self
    }

    /// Marks the call as a check for existence: a missing object is not a configuration error.
    pub fn may_be_missing(mut self) -> Self {
        self.may_be_missing = true;
        self
    }

    /// Changes no row that is newer than this.
    pub fn unchanged_since(mut self, time: Option<Timestamp>) -> Self {
        self.unchanged_since = time;
        self
    }

    /// Uses another endpoint URL of the same Appwrite, including its version.
    pub fn at(mut self, endpoint: &Url) -> Self {
        self.endpoint = Some(endpoint.clone());
        self
    }

    /// Sends the request and parses the response body as `T`.
    pub async fn receive<T: DeserializeOwned>(self) -> Result<T, AppwriteError> {
        Ok(self.receive_with_headers().await?.0)
    }

    /// Like [`receive`](Self::receive), with the response's headers.
    pub async fn receive_with_headers<T: DeserializeOwned>(self) -> Result<(T, HeaderMap), AppwriteError> {
        self.send(|answer| {
            // Checks the encoding once, and not for each string.
            let text = std::str::from_utf8(&answer.body).map_err(|_| answer.unexpected())?;
            let body = serde_json::from_str(text).map_err(|_| answer.unexpected())?;
            Ok((body, answer.headers))
        })
        .await
    }

    /// Sends the request and accepts any success status.
    pub async fn done(self) -> Result<(), AppwriteError> {
        self.send(|answer| if answer.status.is_success() { Ok(()) } else { Err(answer.unexpected()) }).await
    }

    /// Sends the request and returns the redirect target without following it.
    pub async fn location(self) -> Result<Url, AppwriteError> {
        self.send(|answer| {
            let location = answer.headers.get(LOCATION).filter(|_| answer.status.is_redirection());
            let text = location.and_then(|location| location.to_str().ok()).ok_or_else(|| answer.unexpected())?;
            Url::parse(text).map_err(|_| answer.unexpected())
        })
        .await
    }

    /// Sends the request and returns the header `Date` of any response.
    pub async fn date(self) -> Result<Option<HeaderValue>, AppwriteError> {
        let response = timeout(self.appwrite.limits().total, self.appwrite.http().execute(self.request()?)).await;
        let response = response.map_err(|_| AppwriteError::TimedOut)?.map_err(transport)?;
        Ok(response.headers().get(DATE).cloned())
    }

    async fn send<T>(self, read: impl FnOnce(Answer) -> Result<T, AppwriteError>) -> Result<T, AppwriteError> {
        let request = self.request()?;
        let span = debug_span!("appwrite", method = %self.method, path = request.url().path());
        async move {
            let start = Instant::now();
            let result = match timeout(self.appwrite.limits().total, self.exchange(request)).await {
                Ok(answer) => answer.and_then(read),
                Err(_) => Err(AppwriteError::TimedOut),
            };
            let (error, took) = (result.as_ref().err(), start.elapsed());
            let caller = self.credential.caller();
            metering::count(&self.method, &self.segments, caller, error, took);
            tracing_calls::record(&self.method, &self.segments, caller, error, took);
            log(error, self.may_be_missing, took);
            result
        }
        .instrument(span)
        .await
    }

    fn request(&self) -> Result<Request, AppwriteError> {
        let mut url = self.endpoint.as_ref().unwrap_or(self.appwrite.endpoint()).clone();
        match url.path_segments_mut() {
            Ok(mut path) => path.pop_if_empty().extend(&self.segments),
            Err(()) => {
                return Err(AppwriteError::Setup("the endpoint is not an address with a path".into()));
            }
        };
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        let request = self.appwrite.http().request(self.method.clone(), url).headers(self.headers()?);
        let request = match &self.body {
            Some(body) => request.json(body),
            None => request,
        };
        request.build().map_err(|error| AppwriteError::Setup(error.without_url().to_string()))
    }

    fn headers(&self) -> Result<HeaderMap, AppwriteError> {
        let mut headers = HeaderMap::from_iter([(PROJECT, self.appwrite.project().clone())]);
        match &self.credential {
            Credential::Key => {
                headers.insert(KEY, self.appwrite.key().clone());
                // Appwrite trusts this header only from callers with an API key (Utopia/Request.php).
                if let Some(user_agent) = &self.visitor.user_agent {
                    headers.insert(FORWARDED_USER_AGENT, user_agent.clone());
                }
            }
            Credential::Session(secret) => {
                headers.insert(SESSION, secret_header(secret.expose())?);
            }
            Credential::Jwt(jwt) => {
                headers.insert(JWT, secret_header(jwt.expose_secret())?);
            }
            Credential::None => {}
        }
        if let Some(time) = self.unchanged_since {
            let time =
                HeaderValue::from_str(&time.to_string()).map_err(|error| AppwriteError::Setup(error.to_string()))?;
            headers.insert(TIMESTAMP, time);
        }
        headers.extend(self.origin.clone().map(|origin| (ORIGIN, origin)));
        if let Some(address) = self.visitor.address {
            let address = HeaderValue::from_str(&address.to_string()).map_err(|_| AppwriteError::InvalidCredential)?;
            headers.insert(FORWARDED_FOR, address);
        }
        Ok(headers)
    }

    /// Sends a read again if a pooled connection was dead. Sends a write only once.
    async fn exchange(&self, request: Request) -> Result<Answer, AppwriteError> {
        let mut response = match self.appwrite.http().execute(request).await {
            Err(error) if self.method == Method::GET && !error.is_timeout() && !error.is_connect() => {
                debug!("the connection broke before an answer; the read is sent once more");
                self.appwrite.http().execute(self.request()?).await
            }
            result => result,
        }
        .map_err(transport)?;

        let status = response.status();
        let reset = reset(response.headers());
        let headers = std::mem::take(response.headers_mut());
        let body = self.read_body(response).await?;
        if status.is_success() || status.is_redirection() {
            return Ok(Answer { status, headers, body });
        }
        match serde_json::from_slice::<ErrorBody>(&body) {
            Ok(error) if is_error_type(&error.kind) => Err(AppwriteError::Api(ApiError {
                status: status.as_u16(),
                kind: error.kind,
                reset,
                message: error.message,
                by_key: matches!(self.credential, Credential::Key),
                about_own_session: self.about_own_session,
            })),
            _ => Err(AppwriteError::Unexpected { status: status.as_u16() }),
        }
    }

    async fn read_body(&self, mut response: Response) -> Result<Vec<u8>, AppwriteError> {
        let limit = self.appwrite.limits().answer;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(transport)? {
            if body.len() + chunk.len() > limit {
                return Err(AppwriteError::TooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

fn transport(error: reqwest::Error) -> AppwriteError {
    if error.is_timeout() { AppwriteError::TimedOut } else { AppwriteError::Unreachable(error.without_url()) }
}

/// Returns the time when the route's rate limit resets.
fn reset(headers: &HeaderMap) -> Option<Timestamp> {
    let seconds = headers.get(RATE_LIMIT_RESET)?.to_str().ok()?.parse().ok()?;
    Timestamp::from_second(seconds).ok()
}

/// True for texts like `user_invalid_credentials`, as all of Appwrite's error types are. Other texts are not logged.
fn is_error_type(kind: &str) -> bool {
    (1..=64).contains(&kind.len()) && kind.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

fn log(error: Option<&AppwriteError>, may_be_missing: bool, elapsed: Duration) {
    let milliseconds = elapsed.as_millis();
    match error {
        None => debug!(milliseconds, "answered"),
        Some(AppwriteError::Api(error)) if error.fix().is_some() && !(may_be_missing && error.status == 404) => {
            let (status, kind, words, fix) = (error.status, &error.kind, error.message_for_log(), error.fix());
            warn!(milliseconds, status, kind, words, fix, "Appwrite refused the request: check the configuration");
        }
        Some(AppwriteError::Api(error)) if error.status < 500 => {
            debug!(milliseconds, status = error.status, kind = error.kind, words = error.message_for_log(), "refused");
        }
        Some(error) => warn!(milliseconds, cause = error.cause(), "{error}"),
    }
}
