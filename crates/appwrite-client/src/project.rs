//! One Appwrite project: its address, its API key, the pooled connections, and the detected capabilities.

use std::{fmt, sync::Arc, time::Duration};

use reqwest::{header::HeaderValue, redirect};
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::{
    capabilities::Capabilities,
    error::{AppwriteError, in_words},
};

/// The maximum length of a secret to send: Appwrite's are below 1 kB, and servers reject headers above 8 kB.
const MAX_SECRET_LENGTH: usize = 4096;

/// The project's address, and the API key for our server's calls.
#[derive(Debug, Clone)]
pub struct AppwriteSettings {
    /// The API's URL including its version, for instance `https://fra.cloud.appwrite.io/v1`.
    pub endpoint: Url,
    /// The project's id.
    pub project_id: String,
    /// An API key with the scope `sessions.write`. Some methods need more scopes, which their documentation names.
    pub api_key: SecretString,
}

/// Limits on time and memory per call.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The time limit for connecting, including TLS.
    pub connect: Duration,
    /// The time limit for the next byte of a response.
    pub read: Duration,
    /// The time limit for the whole call.
    pub total: Duration,
    /// The maximum response size, in bytes.
    pub answer: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            read: Duration::from_secs(8),
            total: Duration::from_secs(10),
            answer: 4 * 1024 * 1024,
        }
    }
}

/// An Appwrite project. Cheap to clone; create one per process.
#[derive(Clone)]
pub struct Appwrite {
    shared: Arc<Shared>,
}

struct Shared {
    http: reqwest::Client,
    endpoint: Url,
    project: HeaderValue,
    key: HeaderValue,
    limits: Limits,
    capabilities: Capabilities,
}

/// A session's secret, which gives full access as its user. `Debug` hides it.
#[derive(Clone)]
pub struct SessionSecret(SecretString);

impl SessionSecret {
    /// Wraps a secret from Appwrite or a cookie. Only Appwrite knows if it is valid.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(SecretString::from(secret.into()))
    }

    /// Returns the secret, for the cookie and for the request header.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<SecretString> for SessionSecret {
    fn from(secret: SecretString) -> Self {
        Self(secret)
    }
}

impl fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionSecret")
    }
}

impl Appwrite {
    /// Prepares the connection pool; sends nothing yet.
    ///
    /// Fails if the project id or the key is not a valid header value, or if the HTTP client cannot be set up.
    pub fn new(settings: AppwriteSettings) -> Result<Self, AppwriteError> {
        Self::with_limits(settings, Limits::default())
    }

    /// Like [`new`](Self::new), with other limits on time and memory.
    pub fn with_limits(settings: AppwriteSettings, limits: Limits) -> Result<Self, AppwriteError> {
        let mut endpoint = settings.endpoint;
        if endpoint.cannot_be_a_base() {
            return Err(AppwriteError::Setup("the endpoint is not an address with a path".into()));
        }
        endpoint.set_query(None);
        endpoint.set_fragment(None);

        let mut http = reqwest::Client::builder()
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(limits.connect)
            .read_timeout(limits.read)
            // Shorter than the usual idle timeouts of servers and proxies, so that we rarely write to a connection that
            // is being closed.
            .pool_idle_timeout(Duration::from_secs(30));
        if is_loopback(&endpoint) {
            http = http.no_proxy();
        }
        Ok(Self {
            shared: Arc::new(Shared {
                http: http.build().map_err(|error| without_certificates(&error))?,
                project: HeaderValue::from_str(&settings.project_id)
                    .map_err(|_| AppwriteError::Setup("the project id cannot be sent in a header".into()))?,
                key: secret_header(settings.api_key.expose_secret())
                    .map_err(|_| AppwriteError::Setup("the API key cannot be sent in a header".into()))?,
                endpoint,
                limits,
                capabilities: Capabilities::default(),
            }),
        })
    }

    /// Returns the project's id, which is public.
    pub fn project_id(&self) -> &str {
        // `new` created the value from a `str`.
        self.shared.project.to_str().unwrap_or_default()
    }

    pub(super) fn capabilities(&self) -> &Capabilities {
        &self.shared.capabilities
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.shared.http
    }

    pub(super) fn endpoint(&self) -> &Url {
        &self.shared.endpoint
    }

    pub(super) fn project(&self) -> &HeaderValue {
        &self.shared.project
    }

    pub(super) fn key(&self) -> &HeaderValue {
        &self.shared.key
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.shared.limits
    }
}

impl fmt::Debug for Appwrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Appwrite").field("endpoint", &self.shared.endpoint.as_str()).finish_non_exhaustive()
    }
}

/// The HTTP client needs nothing else of the system.
fn without_certificates(error: &reqwest::Error) -> AppwriteError {
    let fix = "install the certificates of public authorities (Debian: ca-certificates), or check SSL_CERT_FILE and SSL_CERT_DIR";
    AppwriteError::Setup(format!("{} ({fix})", in_words(error)))
}

/// Creates a header value that is marked as sensitive, so that logs do not print it.
pub(super) fn secret_header(secret: &str) -> Result<HeaderValue, AppwriteError> {
    if secret.is_empty() || secret.len() > MAX_SECRET_LENGTH {
        return Err(AppwriteError::InvalidCredential);
    }
    let mut value = HeaderValue::from_str(secret).map_err(|_| AppwriteError::InvalidCredential)?;
    value.set_sensitive(true);
    Ok(value)
}

/// True if the URL points to this machine, where calls need no proxy and no https.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn appwrite() -> Appwrite {
        let endpoint = Url::parse("https://appwrite.example/v1").expect("an address");
        let settings = AppwriteSettings { endpoint, project_id: "demo".into(), api_key: "standard_5f2c".into() };
        Appwrite::new(settings).expect("a client")
    }

    #[test]
    fn debug_output_of_settings_client_and_secret_holds_no_secret() {
        let endpoint = Url::parse("https://appwrite.example/v1").expect("an address");
        let settings = AppwriteSettings { endpoint, project_id: "demo".into(), api_key: "standard_5f2c".into() };
        let printed = format!("{settings:?} {:?} {:?}", appwrite(), SessionSecret::new("eyJpZCI6"));
        assert!(!printed.contains("5f2c") && !printed.contains("eyJ"), "{printed}");
    }

    #[test]
    fn settings_invalid_in_a_header_are_refused() {
        let endpoint = Url::parse("https://appwrite.example/v1").expect("an address");
        for (project_id, api_key) in [("de\nmo", "standard_5f2c"), ("demo", "standard\r\nX-Evil: 1"), ("demo", "")] {
            let settings =
                AppwriteSettings { endpoint: endpoint.clone(), project_id: project_id.into(), api_key: api_key.into() };
            let error = Appwrite::new(settings).expect_err("should be refused");
            assert!(matches!(error, AppwriteError::Setup(_)), "{error:?}");
            assert!(!format!("{error:?}{error}").contains("Evil"), "{error:?}");
        }
    }
}
