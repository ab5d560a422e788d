//! Reads a URL's query string like PHP, because Realtime's channel parameters follow PHP's rules.

use url::form_urlencoded;

/// The parameters of a URL.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Parameters(Vec<(String, Parameter)>);

/// The value of a parameter: text, or a list made by `name[]=` and `name[key]=`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Parameter {
    /// `name=text`
    Text(String),
    /// `name[]=…`, each entry with its key.
    List(Vec<(String, Parameter)>),
}

/// The maximum nesting of brackets that PHP parses.
const DEEPEST: usize = 64;

impl Parameters {
    /// Reads the part of a URL after `?`. Refuses nothing: malformed text becomes part of a name.
    pub(super) fn parse(query: &str) -> Self {
        let mut parameters = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let (base, keys) = split_name(&name);
            if base.is_empty() {
                continue;
            }
            put(&mut parameters, base, &keys, value.into_owned());
        }
        Self(parameters)
    }

    /// Returns the parameter `name`. Here, underscores replace the dots and spaces in the URL's names.
    pub(super) fn get(&self, name: &str) -> Option<&Parameter> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// Returns the parameter `name` if it is plain text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Parameter::Text(text)) => Some(text),
            _ => None,
        }
    }
}

fn put(entries: &mut Vec<(String, Parameter)>, name: String, keys: &[Option<String>], text: String) {
    let at = match entries.iter().position(|(own, _)| *own == name) {
        Some(at) => at,
        None => {
            entries.push((name, Parameter::List(Vec::new())));
            entries.len() - 1
        }
    };
    let slot = &mut entries[at].1;
    match keys.split_first() {
        None => *slot = Parameter::Text(text),
        Some((key, deeper)) => {
            if matches!(slot, Parameter::Text(_)) {
                *slot = Parameter::List(Vec::new());
            }
            if let Parameter::List(inner) = slot {
                let key = key.clone().unwrap_or_else(|| next_index(inner));
                put(inner, key, deeper, text);
            }
        }
    }
}

fn next_index(entries: &[(String, Parameter)]) -> String {
    entries
        .iter()
        .filter_map(|(key, _)| key.parse::<u64>().ok())
        .max()
        .map_or(0, |highest| highest.saturating_add(1))
        .to_string()
}

/// `a.b[c][]` is `a_b` with the keys `c` and "the next".
fn split_name(name: &str) -> (String, Vec<Option<String>>) {
    let (base, mut rest) = match name.find('[') {
        Some(at) if at > 0 => name.split_at(at),
        _ => (name, ""),
    };
    let mut keys = Vec::new();
    while keys.len() < DEEPEST
        && let Some(inner) = rest.strip_prefix('[')
        && let Some((key, after)) = inner.split_once(']')
    {
        keys.push((!key.is_empty()).then(|| key.to_owned()));
        rest = after;
    }
    let base = base.trim_start_matches(' ').replace(['.', ' '], "_");
    (base, keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[(&str, &str)]) -> Parameter {
        Parameter::List(
            entries.iter().map(|(key, text)| ((*key).to_owned(), Parameter::Text((*text).to_owned()))).collect(),
        )
    }

    #[test]
    fn channels_are_a_list_in_the_order_of_the_url() {
        let parameters = Parameters::parse("project=demo&channels[]=rows&channels%5B%5D=account");
        assert_eq!(parameters.text("project"), Some("demo"));
        assert_eq!(parameters.get("channels"), Some(&list(&[("0", "rows"), ("1", "account")])));
    }

    #[test]
    fn dots_in_a_name_are_read_as_underscores() {
        let parameters = Parameters::parse("tablesdb.main[3][]=a&tablesdb_main[3][]=b");
        assert_eq!(
            parameters.get("tablesdb_main"),
            Some(&Parameter::List(vec![("3".into(), list(&[("0", "a"), ("1", "b")]))]))
        );
    }

    #[test]
    fn later_value_replaces_an_earlier_one() {
        let parameters = Parameters::parse("project=a&project=b&x[]=1&x=2&y=1&y[]=2");
        assert_eq!(parameters.text("project"), Some("b"));
        assert_eq!(parameters.text("x"), Some("2"));
        assert_eq!(parameters.get("y"), Some(&list(&[("0", "2")])));
    }

    #[test]
    fn malformed_url_query_causes_no_panic() {
        let deep = format!("a{}=1", "[]".repeat(1000));
        for query in ["", "&&", "=", "[]=1", "a[=1", "a]=1", "%zz=%", deep.as_str()] {
            let _ = Parameters::parse(query);
        }
        assert_eq!(Parameters::parse("a[=1").get("b"), None);
    }
}
