//! The success and failure URLs of a sign-in, formatted like PHP's.

use std::collections::HashMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// Characters that PHP's `urlencode` keeps besides letters and digits; it encodes a space as `+`.
const URLENCODE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b' ');

/// The page with `added` in its query. It always ends in a fragment, often an empty one: Appwrite parses the address
/// and always adds `#` when it joins the parts (src/Appwrite/URL/URL.php).
#[must_use]
pub fn landing(page: &Url, added: &[(&str, &str)]) -> String {
    let mut pairs = parsed(page);
    for (name, value) in added {
        set(&mut pairs, name, value);
    }
    let mut address = page.clone();
    address.set_query(None);
    address.set_fragment(None);
    let mut text = address.to_string();
    if !pairs.is_empty() {
        text.push('?');
        text.push_str(&query(&pairs));
    }
    text.push('#');
    text.push_str(page.fragment().unwrap_or(""));
    text
}

/// Joins the pairs like PHP's `http_build_query`.
#[must_use]
pub fn query(pairs: &[(String, String)]) -> String {
    pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect::<Vec<_>>().join("&")
}

/// Parses a query like PHP's `parse_str`: the last of equal names counts, `a[]` is numbered, dots and spaces in names
/// become underscores.
fn parsed(page: &Url) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut counts: HashMap<String, usize> = HashMap::new();
    for (name, value) in page.query_pairs() {
        let name = match name.strip_suffix("[]") {
            Some(base) => {
                let count = counts.entry(base.to_owned()).or_default();
                *count += 1;
                format!("{base}[{}]", *count - 1)
            }
            None => name.replace(['.', ' '], "_"),
        };
        if !name.is_empty() {
            set(&mut pairs, &name, &value);
        }
    }
    pairs
}

fn set(pairs: &mut Vec<(String, String)>, name: &str, value: &str) {
    match pairs.iter_mut().find(|(own, _)| own == name) {
        Some((_, own)) => value.clone_into(own),
        None => pairs.push((name.to_owned(), value.to_owned())),
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, URLENCODE).to_string().replace(' ', "+")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(page: &str, added: &[(&str, &str)]) -> String {
        landing(&Url::parse(page).expect("an URL"), added)
    }

    #[test]
    fn every_redirect_ends_in_a_fragment() {
        assert_eq!(at("http://a.test/x", &[]), "http://a.test/x#");
        assert_eq!(at("http://a.test/x?q=1#there", &[("u", "2")]), "http://a.test/x?q=1&u=2#there");
        assert_eq!(at("http://a.test", &[("u", "a b*~")]), "http://a.test/?u=a+b%2A%7E#");
    }

    #[test]
    fn query_is_read_as_php_reads_it() {
        assert_eq!(
            at("http://a.test/?a=1&b.c=2&a=3&l[]=x&l[]=y&e", &[("e", "4")]),
            "http://a.test/?a=3&b_c=2&l%5B0%5D=x&l%5B1%5D=y&e=4#"
        );
    }
}
