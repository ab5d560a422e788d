//! Checks the environment's proxy for a connection to another machine.

use axum::http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::Reader;
use appwrite_client::is_loopback;

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    /// Refuses a proxy for this address that calls and WebSockets cannot both use. They read these variables
    /// themselves, and would ignore one that is malformed.
    pub(super) fn proxy(&mut self, destination: &Url) {
        let Ok(address) = destination.as_str().parse::<Uri>() else { return };
        let [https, http, all, no] =
            ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"].map(|name| self.network(name));
        let of_scheme = if destination.scheme() == "https" { &https } else { &http };
        let Some((name, _)) = of_scheme.as_ref().or(all.as_ref()) else { return };
        let [https, http, all, no] = [&https, &http, &all, &no].map(|set| set.as_ref().map_or("", |(_, value)| value));
        let is_direct = Matcher::builder().all("http://proxy.example").no(no).build().intercept(&address).is_none();
        let proxies = Matcher::builder().https(https).http(http).all(all).build();
        let is_usable = proxies.intercept(&address).is_some_and(|proxy| proxy.uri().scheme_str() == Some("http"));
        if !is_direct && !is_usable && !is_loopback(destination) {
            let host = destination.host_str().unwrap_or_default();
            self.problem(format!(
                "{name} does not name an http:// proxy, the only kind that the app can use: write it like \
                 http://proxy.example:3128, or add {host} to NO_PROXY."
            ));
        }
    }

    /// Returns a variable and its value as the network libraries read it, in capitals or small letters.
    fn network(&self, name: &str) -> Option<(String, String)> {
        let mut names = [name.to_owned(), name.to_ascii_lowercase()].into_iter();
        let set = names.find_map(|name| (self.lookup)(&name).map(|value| (name, value)));
        set.filter(|(_, value)| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepted, refused_once, with_remote};

    #[test]
    fn proxy_of_another_kind_is_refused() {
        for (name, value) in [
            ("HTTPS_PROXY", "socks5://ann:hunter2@proxy.example:1080"),
            ("https_proxy", "https://ann:hunter2@proxy.example"),
            ("ALL_PROXY", "socks5h://ann:hunter2@proxy.example"),
            ("HTTPS_PROXY", "htp://ann:hunter2@proxy.example"),
            ("HTTPS_PROXY", "http://ann:hunter2@proxy.example 8080"),
        ] {
            let problem = refused_once(with_remote(&[(name, value)]));
            assert!(problem.starts_with(name) && !problem.contains("hunter2"), "{problem}");
            accepted(with_remote(&[(name, value), ("NO_PROXY", "appwrite.example")]));
        }
    }

    #[test]
    fn public_endpoint_is_checked_if_the_app_probes_it() {
        let read = |realtime| {
            with_remote(&[
                ("APPWRITE_ENDPOINT", "http://127.0.0.1:9380/v1"),
                ("APPWRITE_PUBLIC_ENDPOINT", "https://public.example/v1"),
                ("HTTPS_PROXY", "socks5://proxy.example"),
                ("REALTIME", realtime),
            ])
        };
        let problem = refused_once(read("auto"));
        assert!(problem.starts_with("HTTPS_PROXY") && problem.contains("public.example"), "{problem}");
        accepted(read("relay"));
        accepted(read("direct"));
    }

    #[test]
    fn http_proxies_and_those_of_other_addresses_are_accepted() {
        for (name, value) in [
            ("HTTPS_PROXY", "http://ann:hunter2@proxy.example:3128"),
            ("HTTPS_PROXY", "proxy.example:3128"),
            ("HTTPS_PROXY", ""),
            ("HTTP_PROXY", "socks5://proxy.example"),
        ] {
            accepted(with_remote(&[(name, value)]));
        }
        accepted(with_remote(&[
            ("APPWRITE_ENDPOINT", "http://127.0.0.1:9380/v1"),
            ("ALL_PROXY", "socks5://proxy.example"),
        ]));
    }
}
