//! Paths on our own site: the only redirect targets that a request parameter may name.

use axum::http::Uri;
use url::Url;

/// The maximum length of a redirect target, in bytes.
const MAX_LENGTH: usize = 2048;

/// A path on our own origin, with its query and fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPath(String);

impl OwnPath {
    /// Accepts `text` if a browser on our site would stay on it.
    ///
    /// Parses like browsers do. Rejects text that browsers would correct (`\` for `/`, removed tabs and line breaks) or
    /// that a proxy might (`%2f` for `/`).
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() <= MAX_LENGTH { Self::parse_any_length(text) } else { None }
    }

    /// Returns the path of a request's URL, if a browser on our site would stay on it.
    pub fn of_request(uri: &Uri) -> Option<Self> {
        Self::parse_any_length(uri.path_and_query()?.as_str())
    }

    fn parse_any_length(text: &str) -> Option<Self> {
        let is_clean = text.starts_with('/')
            && !text.chars().any(|character| character.is_control() || character.is_whitespace() || character == '\\');
        if !is_clean {
            return None;
        }
        let ours = Url::parse("http://own.invalid/").ok()?;
        let url = ours.join(text).ok()?;
        let path = url.path().to_ascii_lowercase();
        let leads_elsewhere = url.origin() != ours.origin()
            || !url.username().is_empty()
            || ["//", "/%2f", "/%5c"].iter().any(|start| path.starts_with(start));
        if leads_elsewhere {
            return None;
        }
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let fragment = url.fragment().map(|fragment| format!("#{fragment}")).unwrap_or_default();
        Some(Self(format!("{}{query}{fragment}", url.path())))
    }

    /// Creates the path of one of the app's pages.
    pub fn of_page(page: &'static str) -> Self {
        Self(page.to_owned())
    }

    /// Returns the path as written in a `Location` header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns the URL of a page that redirects to `next` afterwards.
pub fn page_then(page: &str, next: &str) -> String {
    let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    format!("{page}?{query}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn own_paths_keep_query_and_fragment() {
        for path in ["/", "/account", "/birthdays?page=2#row", "/#main", "/login?next=%2Faccount", "/a%20b"] {
            assert_eq!(OwnPath::parse(path).expect(path).as_str(), path);
        }
    }

    #[test]
    fn path_to_another_site_is_refused() {
        let long = format!("/{}", "a".repeat(3000));
        for path in [
            "",
            "account",
            "//evil",
            "///evil",
            "/\\evil",
            "\\\\evil",
            "https:",
            "https://evil",
            "https:/evil",
            "/%2f%2fx",
            "/%2Fx",
            "/%5cx",
            "/\tevil",
            "/\n/evil",
            "/a\r\nSet-Cookie: x=y",
            "\tjavascript:alert(1)",
            "javascript:alert(1)",
            " /account",
            "/./\\evil",
            "/..//evil",
            "/.//evil",
            "/\u{0}",
            "/a b",
            long.as_str(),
        ] {
            assert_eq!(OwnPath::parse(path), None, "{path:?}");
        }
    }

    #[test]
    fn next_page_survives_encoding_in_a_query() {
        assert_eq!(page_then("/login", "/birthdays?page=2&x=y"), "/login?next=%2Fbirthdays%3Fpage%3D2%26x%3Dy");
    }

    proptest! {
        #[test]
        fn accepted_path_stays_on_our_origin(text in "[/\\\\.:@a-z%2fFcC5\\t\\n\\r ?#]{0,24}") {
            if let Some(path) = OwnPath::parse(&text) {
                let page = Url::parse("https://app.example/login").expect("a URL");
                let target = page.join(path.as_str()).expect("a path that was taken can be joined");
                prop_assert_eq!(target.origin(), page.origin());
                prop_assert!(!path.as_str().starts_with("//"));
            }
        }
    }
}
