//! The settings of an app in operation: the secret of its cookies, its further addresses, its network.

use secrecy::SecretString;

use super::{AppOrigin, Reader, name, web_address};

/// Shorter secrets could be guessed.
const SHORTEST_SECRET: usize = 32;

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    pub(super) fn app_secret(&mut self) -> Option<SecretString> {
        let secret = self.get(name::SECRET)?;
        if secret.chars().count() < SHORTEST_SECRET {
            self.problem("APP_SECRET has fewer than 32 characters: make one, for instance with openssl rand -hex 32.");
        }
        Some(secret.into())
    }

    /// Further origins may be http: they set no cookie.
    pub(super) fn origins_also(&mut self, main: Option<&AppOrigin>) -> Vec<AppOrigin> {
        let value = self.get(name::ORIGINS_ALSO).unwrap_or_default();
        let mut origins = Vec::new();
        for part in value.split([',', ' ']).filter(|part| !part.is_empty()) {
            let Some(url) = self.noted(web_address(name::ORIGINS_ALSO, part, "https://www.app.example")) else { continue };
            let origin = AppOrigin::new(url);
            if origin.url.path() != "/" {
                self.problem("APP_ORIGINS_ALSO has an address with a path: write scheme, host and port only.");
            } else if main.is_some_and(|main| origin.url.host() == main.url.host() && main.has_host(host_and_port(&origin)))
            {
                self.problem(format!("APP_ORIGINS_ALSO has {origin}, which is the host of APP_ORIGIN: remove it."));
            } else {
                origins.push(origin);
            }
        }
        origins
    }

    /// True if calls to Appwrite may travel unencrypted.
    pub(super) fn insecure_appwrite(&mut self) -> bool {
        match self.get(name::INSECURE).as_deref() {
            None => false,
            Some("yes") => true,
            Some(_) => {
                self.problem("APPWRITE_INSECURE has a value other than yes: write yes, or remove it.");
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

    #[test]
    fn secret_of_the_cookies_is_long() {
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
        assert_eq!(config.origins_also.iter().map(|origin| origin.as_str()).collect::<Vec<_>>(), [
            "https://www.app.example",
            "http://old.example:8080"
        ]);
        for value in ["https://app.example", "www.app.example", "https://www.app.example/x", "https://a@b.example"] {
            let problem = refused_once(also(value));
            assert!(problem.starts_with("APP_ORIGINS_ALSO"), "{problem}");
        }
    }

    #[test]
    fn host_of_a_request_names_one_origin() {
        let origin = accepted(with_remote(&[("APP_ORIGIN", "https://app.example")])).origin;
        for own in ["app.example", "APP.example", "app.example:443"] {
            assert!(origin.has_host(own), "{own}");
        }
        for other in ["app.example:80", "www.app.example", "app.example.", "app.example/x", "x@app.example", "", "127.0.0.1"]
        {
            assert!(!origin.has_host(other), "{other}");
        }
        let local = accepted(read(&[])).origin;
        assert!(local.has_host("127.0.0.1:4000") && local.has_host("[::1]:3000") && !local.has_host("app.example"));
    }

    #[test]
    fn unencrypted_appwrite_elsewhere_must_be_allowed() {
        let inside = ("APPWRITE_ENDPOINT", "http://appwrite/v1");
        let problem = refused_once(with_remote(&[inside]));
        assert!(problem.starts_with("APPWRITE_ENDPOINT") && problem.contains("APPWRITE_INSECURE=yes"), "{problem}");
        accepted(with_remote(&[inside, ("APPWRITE_INSECURE", "yes")]));
        accepted(with_remote(&[("APPWRITE_ENDPOINT", "http://127.0.0.1:9380/v1")]));
        assert!(refused_once(with_remote(&[("APPWRITE_INSECURE", "1")])).starts_with("APPWRITE_INSECURE"));
    }
}
