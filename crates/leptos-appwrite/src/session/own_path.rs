//! Paths of our own site: the only places that a parameter of a request may send a person to.

use axum::http::Uri;
use url::Url;

/// The longest path that we send anyone to, in bytes.
const LONGEST: usize = 2048;

/// A path (with its query) on our own origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPath(String);

impl OwnPath {
    /// Takes `text` if a browser on our site would stay on our site with it.
    ///
    /// It is parsed as browsers parse it, and refused where they mend what they get (`\` for `/`, tabs and line breaks
    /// left out) or where a proxy might (`%2f` for `/`).
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() <= LONGEST { Self::parse_any_length(text) } else { None }
    }

    /// The address of a request, if a browser on our site would stay on our site with it.
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
        Some(Self(match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        }))
    }

    /// The path of one of our pages.
    pub fn of_page(page: &'static str) -> Self {
        Self(page.to_owned())
    }

    /// The path as it stands in a `Location` header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The address of a page of ours that leads on to `next`.
pub fn page_then(page: &str, next: &str) -> String {
    let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    format!("{page}?{query}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_of_ours_are_kept_with_their_query() {
        for path in ["/", "/account", "/birthdays?page=2", "/login?next=%2Faccount", "/a%20b"] {
            assert_eq!(OwnPath::parse(path).expect(path).as_str(), path);
        }
    }

    #[test]
    fn whatever_leads_elsewhere_is_refused() {
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
    fn the_way_back_survives_the_query() {
        assert_eq!(page_then("/login", "/birthdays?page=2&x=y"), "/login?next=%2Fbirthdays%3Fpage%3D2%26x%3Dy");
    }

    proptest! {
        #[test]
        fn what_is_taken_stays_on_our_origin(text in "[/\\\\.:@a-z%2fFcC5\\t\\n\\r ?#]{0,24}") {
            if let Some(path) = OwnPath::parse(&text) {
                let page = Url::parse("https://app.example/login").expect("a URL");
                let target = page.join(path.as_str()).expect("a path that was taken can be joined");
                prop_assert_eq!(target.origin(), page.origin());
                prop_assert!(!path.as_str().starts_with("//"));
            }
        }
    }
}
