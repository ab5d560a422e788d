//! The settings for running an app: the secret of its cookies, its further addresses, its network.

use std::net::SocketAddr;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::{AppOrigin, LogFormat, Reader, duration, name, web_address};

/// Shorter secrets could be guessed.
const SHORTEST_SECRET: usize = 32;

/// Supervisors kill a program that does not stop in time.
const MAX_STOP_DELAY: Duration = Duration::from_secs(60);

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    pub(super) fn app_secret(&mut self) -> Option<SecretString> {
        let secret = self.get(name::SECRET)?;
        if secret.chars().count() < SHORTEST_SECRET {
            self.problem("APP_SECRET has fewer than 32 characters: make one, for instance with openssl rand -hex 32.");
        }
        Some(secret.into())
    }

    /// Further origins may use http, because they set no cookie.
    pub(super) fn origins_also(&mut self, main: Option<&AppOrigin>) -> Vec<AppOrigin> {
        let value = self.get(name::ORIGINS_ALSO).unwrap_or_default();
        let mut origins = Vec::new();
        for part in value.split([',', ' ']).filter(|part| !part.is_empty()) {
            let Some(url) = self.noted(web_address(name::ORIGINS_ALSO, part, "https://www.app.example")) else {
                continue;
            };
            let origin = AppOrigin::new(url);
            if origin.url.path() != "/" {
                self.problem("APP_ORIGINS_ALSO has an address with a path: write scheme, host and port only.");
            } else if main
                .is_some_and(|main| origin.url.host() == main.url.host() && main.has_host(host_and_port(&origin)))
            {
                self.problem(format!("APP_ORIGINS_ALSO has {origin}, which is the host of APP_ORIGIN: remove it."));
            } else {
                origins.push(origin);
            }
        }
        origins
    }

    pub(super) fn log_format(&mut self) -> LogFormat {
        match self.get(name::LOG_FORMAT).as_deref() {
            None | Some("text") => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(_) => {
                self.problem("LOG_FORMAT is neither text nor json: write one of them.");
                LogFormat::Text
            }
        }
    }

    /// True if calls to Appwrite may travel unencrypted.
    pub(super) fn insecure_appwrite(&mut self) -> bool {
        self.yes(name::INSECURE)
    }

    /// Anyone who reaches the metrics can read them.
    pub(super) fn metrics(&mut self) -> Option<SocketAddr> {
        let is_public = self.yes(name::METRICS_PUBLIC);
        let address = self.get(name::METRICS)?.parse::<SocketAddr>();
        let address = self.noted(
            address.map_err(|_| "METRICS_ADDR is not an address with a port: write it like 127.0.0.1:9464.".into()),
        )?;
        if !address.ip().is_loopback() && !is_public {
            self.problem(
                "METRICS_ADDR is open to other machines, and anyone who reaches it reads the metrics: write an address of this \
                 machine, or METRICS_PUBLIC=yes if only your Prometheus reaches it.",
            );
        }
        Some(address)
    }

    pub(super) fn stop_delay(&mut self) -> Duration {
        let Some(value) = self.get(name::STOP_DELAY) else { return Duration::ZERO };
        let delay = duration(&value).filter(|delay| *delay <= MAX_STOP_DELAY);
        let sentence = "STOP_DELAY is not a duration of at most 60 seconds: write it like 5s.";
        self.noted(delay.ok_or_else(|| sentence.into())).unwrap_or_default()
    }

    pub(super) fn rate_limit_redis(&mut self) -> Option<SecretString> {
        let address = self.get(name::RATE_LIMIT_REDIS)?;
        let url = Url::parse(&address).ok().filter(|url| {
            // A fragment could disable the checks of certificates.
            matches!(url.scheme(), "redis" | "rediss") && url.has_host() && url.fragment().is_none()
        });
        if url.is_none() {
            self.problem(
                "RATE_LIMIT_REDIS is not the address of a Redis or Valkey: write it like redis://127.0.0.1:6379 or \
                 rediss://:password@redis.internal:6379/0 (with TLS).",
            );
        }
        Some(address.into())
    }

    fn yes(&mut self, name: &str) -> bool {
        match self.get(name).as_deref() {
            None => false,
            Some("yes") => true,
            Some(_) => {
                self.problem(format!("{name} has a value other than yes: write yes, or remove it."));
                false
            }
        }
    }
}

/// Returns the origin without its scheme, as browsers send it in `Host`.
fn host_and_port(origin: &AppOrigin) -> &str {
    origin.as_str().split_once("://").map_or("", |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::super::tests::{accepted, read, refused_once, with_remote};
    use super::{Duration, LogFormat};

    #[test]
    fn app_secret_must_be_long() {
        let secret = "0123456789abcdef0123456789abcdef";
        let config = accepted(read(&[("APP_SECRET", secret), ("APP_SECRET_PREVIOUS", "before")]));
        assert_eq!(config.app_secret.as_ref().map(|secret| secret.expose_secret()), Some(secret));
        assert_eq!(config.app_secret_previous.as_ref().map(|secret| secret.expose_secret()), Some("before"));
        assert!(!format!("{config:?}").contains(secret));
        let problem = refused_once(read(&[("APP_SECRET", &secret[1..])]));
        assert!(problem.starts_with("APP_SECRET") && !problem.contains(&secret[1..]), "{problem}");
        assert!(accepted(read(&[])).app_secret.is_none());
    }

    #[test]
    fn further_origins_differ_from_the_main_one() {
        let main = ("APP_ORIGIN", "https://app.example");
        let also = |value| with_remote(&[main, ("APP_ORIGINS_ALSO", value)]);
        let config = accepted(also("https://www.app.example, http://old.example:8080"));
        assert_eq!(
            config.origins_also.iter().map(|origin| origin.as_str()).collect::<Vec<_>>(),
            ["https://www.app.example", "http://old.example:8080"]
        );
        for value in ["https://app.example", "www.app.example", "https://www.app.example/x", "https://a@b.example"] {
            let problem = refused_once(also(value));
            assert!(problem.starts_with("APP_ORIGINS_ALSO"), "{problem}");
        }
    }

    #[test]
    fn request_host_selects_one_origin() {
        let origin = accepted(with_remote(&[("APP_ORIGIN", "https://app.example")])).origin;
        for own in ["app.example", "APP.example", "app.example:443"] {
            assert!(origin.has_host(own), "{own}");
        }
        for other in
            ["app.example:80", "www.app.example", "app.example.", "app.example/x", "x@app.example", "", "127.0.0.1"]
        {
            assert!(!origin.has_host(other), "{other}");
        }
        let local = accepted(read(&[])).origin;
        assert!(local.has_host("127.0.0.1:4000") && local.has_host("[::1]:3000") && !local.has_host("app.example"));
    }

    #[test]
    fn log_is_text_or_json() {
        assert_eq!(accepted(read(&[("LOG_FORMAT", "json")])).log_format, LogFormat::Json);
        assert_eq!(accepted(read(&[])).log_format, LogFormat::Text);
        assert!(refused_once(read(&[("LOG_FORMAT", "xml")])).starts_with("LOG_FORMAT"));
    }

    #[test]
    fn metrics_are_private_by_default() {
        assert_eq!(accepted(read(&[])).metrics, None);
        let metrics = accepted(read(&[("METRICS_ADDR", "127.0.0.1:9464")])).metrics;
        assert_eq!(metrics.map(|address| address.to_string()).as_deref(), Some("127.0.0.1:9464"));
        for address in ["0.0.0.0:9464", "10.0.0.7:9464", "[::]:9464"] {
            assert!(refused_once(read(&[("METRICS_ADDR", address)])).contains("METRICS_PUBLIC=yes"), "{address}");
            accepted(read(&[("METRICS_ADDR", address), ("METRICS_PUBLIC", "yes")]));
        }
        assert!(refused_once(read(&[("METRICS_ADDR", "9464")])).starts_with("METRICS_ADDR"));
    }

    #[test]
    fn shutdown_delay_must_be_short() {
        assert_eq!(accepted(read(&[])).stop_delay, Duration::ZERO);
        assert_eq!(accepted(read(&[("STOP_DELAY", "5s")])).stop_delay, Duration::from_secs(5));
        for value in ["5", "2m", "-1s"] {
            assert!(refused_once(read(&[("STOP_DELAY", value)])).starts_with("STOP_DELAY"), "{value}");
        }
    }

    #[test]
    fn rate_limit_store_must_be_a_redis_url() {
        let config = accepted(read(&[("RATE_LIMIT_REDIS", "redis://:hunter2@redis.internal:6379/0")]));
        assert!(config.rate_limit_redis.is_some() && !format!("{config:?}").contains("hunter2"));
        assert!(accepted(read(&[("RATE_LIMIT_REDIS", "rediss://a.example")])).rate_limit_redis.is_some());
        for address in ["rediss://a.example/#insecure", "127.0.0.1:6379", "redis:", "http://:hunter2@a.example"] {
            let problem = refused_once(read(&[("RATE_LIMIT_REDIS", address)]));
            assert!(problem.starts_with("RATE_LIMIT_REDIS") && !problem.contains("hunter2"), "{problem}");
        }
    }

    #[test]
    fn unencrypted_remote_appwrite_must_be_allowed() {
        let inside = ("APPWRITE_ENDPOINT", "http://appwrite/v1");
        let problem = refused_once(with_remote(&[inside]));
        assert!(problem.starts_with("APPWRITE_ENDPOINT") && problem.contains("APPWRITE_INSECURE=yes"), "{problem}");
        accepted(with_remote(&[inside, ("APPWRITE_INSECURE", "yes")]));
        accepted(with_remote(&[("APPWRITE_ENDPOINT", "http://127.0.0.1:9380/v1")]));
        assert!(refused_once(with_remote(&[("APPWRITE_INSECURE", "1")])).starts_with("APPWRITE_INSECURE"));
    }
}
