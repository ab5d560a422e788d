//! The HTML of views that are the same for all users. See [`cached()`](crate::components::cached()).

use std::time::Instant;

use super::cache::Cache;
use crate::theme::Theme;

/// The longest path of a page whose views are cached.
const MAX_PATH: usize = 256;

/// All that a cached view depends on.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub name: &'static str,
    pub variant: &'static str,
    pub theme: Theme,
    pub path: String,
}

/// The cached views: at most 256.
#[derive(Default)]
pub struct CachedViews(Cache<Key, String, 256>);

impl CachedViews {
    /// Returns the cached HTML, or what `render` makes.
    pub fn html(&self, key: Key, now: Instant, render: impl FnOnce() -> String) -> String {
        if key.path.len() > MAX_PATH {
            return render();
        }
        self.0.get(&key, now).unwrap_or_else(|| {
            let html = render();
            self.0.insert(key, html.clone(), now);
            html
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &'static str, theme: Theme, path: impl Into<String>) -> Key {
        Key { name, variant: "", theme, path: path.into() }
    }

    #[test]
    fn view_is_cached_for_its_name_theme_and_path() {
        let (cached, now) = (CachedViews::default(), Instant::now());
        let form = || key("form", Theme::Dark, "/a");
        assert_eq!(cached.html(form(), now, || "first".into()), "first");
        assert_eq!(cached.html(form(), now, || "second".into()), "first");
        for other in [key("other", Theme::Dark, "/a"), key("form", Theme::Light, "/a"), key("form", Theme::Dark, "/b")]
        {
            assert_eq!(cached.html(other, now, || "own".into()), "own");
        }
    }

    #[test]
    fn views_of_long_paths_are_not_cached() {
        let (cached, now) = (CachedViews::default(), Instant::now());
        for expected in ["first", "second"] {
            let long = key("form", Theme::System, "/".repeat(MAX_PATH + 1));
            assert_eq!(cached.html(long, now, || expected.into()), expected);
        }
    }
}
