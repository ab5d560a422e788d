//! The HTML of views that are the same for all users, kept for a few seconds. See [`kept()`](crate::components::kept()).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::theme::Theme;

/// The age at which a view is rendered anew.
const KEPT_FOR: Duration = Duration::from_secs(5);

/// The most views that are kept.
const MAX_KEPT: usize = 256;

/// The longest path of a page whose views are kept.
const MAX_PATH: usize = 256;

/// All that a kept view depends on.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub name: &'static str,
    pub variant: &'static str,
    pub theme: Theme,
    pub path: String,
}

/// The kept views.
#[derive(Default)]
pub struct KeptViews(Mutex<HashMap<Key, (Instant, String)>>);

impl KeptViews {
    /// Returns the HTML, which `render` makes if none is kept.
    pub fn html(&self, key: Key, now: Instant, render: impl FnOnce() -> String) -> String {
        if key.path.len() > MAX_PATH {
            return render();
        }
        let is_fresh = |since: Instant| now.duration_since(since) < KEPT_FOR;
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, html)) = known.get(&key).filter(|(since, _)| is_fresh(*since)) {
            return html.clone();
        }
        drop(known);
        let html = render();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (since, _)| is_fresh(*since));
        if known.len() >= MAX_KEPT {
            let oldest = known.iter().min_by_key(|(_, (since, _))| *since).map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                known.remove(&oldest);
            }
        }
        known.insert(key, (now, html.clone()));
        html
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &'static str, theme: Theme, path: impl Into<String>) -> Key {
        Key { name, variant: "", theme, path: path.into() }
    }

    #[test]
    fn view_is_kept_for_its_key_and_a_few_seconds() {
        let (kept, now) = (KeptViews::default(), Instant::now());
        let form = || key("form", Theme::Dark, "/a");
        assert_eq!(kept.html(form(), now, || "first".into()), "first");
        assert_eq!(kept.html(form(), now + KEPT_FOR / 2, || "second".into()), "first");
        assert_eq!(kept.html(form(), now + KEPT_FOR, || "third".into()), "third");
        for other in [key("other", Theme::Dark, "/a"), key("form", Theme::Light, "/a"), key("form", Theme::Dark, "/b")]
        {
            assert_eq!(kept.html(other, now, || "own".into()), "own");
        }
    }

    #[test]
    fn only_the_newest_views_are_kept() {
        let (kept, now) = (KeptViews::default(), Instant::now());
        let len = || kept.0.lock().expect("a lock").len();
        for number in 0..MAX_KEPT + 5 {
            let age = Duration::from_micros(number as u64);
            kept.html(key("form", Theme::System, format!("/{number}")), now + age, String::new);
        }
        assert_eq!(len(), MAX_KEPT);
        let newest = key("form", Theme::System, format!("/{}", MAX_KEPT + 4));
        assert_eq!(kept.html(newest, now + KEPT_FOR / 2, || "anew".into()), "");
        assert_eq!(kept.html(key("form", Theme::System, "/0"), now + KEPT_FOR / 2, || "anew".into()), "anew");
        kept.html(key("form", Theme::System, "/later"), now + KEPT_FOR * 2, String::new);
        assert_eq!(len(), 1);
    }

    #[test]
    fn views_of_long_paths_are_not_kept() {
        let (kept, now) = (KeptViews::default(), Instant::now());
        for expected in ["first", "second"] {
            let long = key("form", Theme::System, "/".repeat(MAX_PATH + 1));
            assert_eq!(kept.html(long, now, || expected.into()), expected);
        }
    }
}
