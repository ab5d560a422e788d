//! The pages of an app: path, access rule, view. [`routes!`](crate::routes!) creates the router and the guards from the
//! same rows, so no page lacks a guard.

use std::future::Future;
use std::pin::Pin;

use futures_util::FutureExt;
use leptos::prelude::AnyView;

use crate::session::Access;

mod table;

pub use table::RouteTable;

/// A page of the app: one row of [`routes!`](crate::routes!).
#[derive(Debug)]
pub struct Page {
    /// The path, such as `/` or `/notes/:id`.
    pub path: &'static str,
    /// The access rule.
    pub access: Access,
    /// The view.
    pub view: PageView,
}

/// The view of a page.
#[derive(Debug)]
pub enum PageView {
    /// Its code is in the first file of the wasm.
    Here(fn() -> AnyView),
    /// Its code is in a [`Part`].
    InPart {
        /// Loads the part.
        load: fn() -> Loaded<()>,
        /// Loads the part and makes the view of the page at this path of the table.
        view: fn(&'static str) -> Loaded<AnyView>,
    },
}

/// A part of the wasm that the browser loads when it opens the first of its pages, or for signed-in users.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// The name of the part's file.
    pub name: &'static str,
    /// The pages in it, as in [`Guards::pages`].
    pub paths: &'static [&'static str],
    /// True if the frame around each page of a signed-in user needs it.
    pub is_for_signed_in: bool,
    /// Loads it. Does nothing on the server, and in a build without `--split`.
    pub load: fn() -> Loaded<()>,
}

impl Part {
    /// True if the page at this path is in this part.
    pub fn has_page(&self, path: &str) -> bool {
        self.paths.iter().any(|ours| is_page_at(ours, path))
    }
}

/// A value of a part, once the part is loaded.
pub type Loaded<T> = Pin<Box<dyn Future<Output = Result<T, PartMissing>>>>;

/// Returns a view whose part is loaded: before hydration, the browser loads the parts that the page needs.
pub fn loaded_view(view: Loaded<AnyView>) -> Option<AnyView> {
    view.now_or_never()?.ok()
}

/// A part of the wasm could not be loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a part of the app could not be loaded")]
pub struct PartMissing;

/// The access rules of all pages.
#[derive(Debug, Clone, Copy)]
pub struct Guards {
    /// One row per page: its path as in Leptos's router (`/notes/:id`), and its access rule.
    pub pages: &'static [(&'static str, Access)],
    /// The access rule for the page of unknown paths.
    pub fallback: Access,
}

impl Guards {
    /// Returns the access rule of a route as axum writes it (`/notes/{id}`), or none if the table lacks it.
    pub fn guard(&self, route: &str) -> Option<Access> {
        let is_same = |ours: &str, theirs: &str| match ours.strip_prefix(':') {
            Some(name) => theirs.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) == Some(name),
            None => ours == theirs,
        };
        // Few pages have a parameter, and comparing their parts takes longer.
        let same = self.pages.iter().find(|(path, _)| *path == route && !path.contains(':'));
        let page = same.or_else(|| self.pages.iter().find(|(path, _)| matches_by(path, route, is_same)));
        page.map(|(_, access)| *access)
    }

    /// True if the table has a page at this path.
    pub fn is_page(&self, path: &str) -> bool {
        self.pages.iter().any(|(ours, _)| *ours == path) || self.pages.iter().any(|(ours, _)| is_page_at(ours, path))
    }

    /// A row that is never reached, because an earlier row with a parameter has the same shape. Axum and Leptos's
    /// router would disagree about which of the two is opened.
    pub fn hidden_row(&self) -> Option<&'static str> {
        let hides = |above: &str, below: &str| {
            above != below && matches_by(above, below, |above, below| above.starts_with(':') || above == below)
        };
        let is_hidden = |at: usize, path: &str| self.pages[..at].iter().any(|(above, _)| hides(above, path));
        self.pages.iter().enumerate().find(|(at, (path, _))| is_hidden(*at, path)).map(|(_, (path, _))| *path)
    }
}

fn is_page_at(page: &str, path: &str) -> bool {
    // Most pages have no parameter, and each request asks for its page several times.
    if !page.contains(':') {
        return page == path;
    }
    // Leptos's router decodes paths and axum's does not: both agree only on paths without anything to decode.
    let is_id = |text: &str| !matches!(text, "" | "." | "..") && !text.contains('%');
    matches_by(page, path, |ours, theirs| ours == theirs || (ours.starts_with(':') && is_id(theirs)))
}

fn matches_by(ours: &str, theirs: &str, is_same: impl Fn(&str, &str) -> bool) -> bool {
    ours.split('/').count() == theirs.split('/').count()
        && ours.split('/').zip(theirs.split('/')).all(|(ours, theirs)| is_same(ours, theirs))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUARDS: Guards = Guards {
        pages: &[("/", Access::Anyone), ("/account", Access::SignedIn), ("/birthdays/:id/edit", Access::SignedIn)],
        fallback: Access::SameForAll,
    };

    #[test]
    fn route_outside_the_table_has_no_guard() {
        assert_eq!(GUARDS.guard("/birthdays/{id}/edit"), Some(Access::SignedIn));
        for route in
            ["/birthdays/new/edit", "/birthdays/:id/edit", "/birthdays/{*id}/edit", "/account/", "/nowhere", ""]
        {
            assert_eq!(GUARDS.guard(route), None, "{route}");
        }
    }

    #[test]
    fn unreachable_row_is_reported() {
        let rows = |pages| Guards { pages, fallback: Access::SameForAll }.hidden_row();
        assert_eq!(GUARDS.hidden_row(), None);
        assert_eq!(rows(&[("/notes/:id", Access::SignedIn), ("/notes/new", Access::Anyone)]), Some("/notes/new"));
        assert_eq!(rows(&[("/notes/new", Access::Anyone), ("/notes/:id", Access::SignedIn)]), None);
        assert_eq!(rows(&[("/:page", Access::Anyone), ("/notes/new", Access::Anyone)]), None);
        assert_eq!(rows(&[("/a/:id", Access::Anyone), ("/a/:name", Access::SignedIn)]), Some("/a/:name"));
    }

    #[test]
    fn pages_are_found_by_their_paths() {
        for path in ["/", "/account", "/birthdays/6b013ef8/edit"] {
            assert!(GUARDS.is_page(path), "{path}");
        }
        for path in [
            "",
            "//",
            "/account/",
            "//evil.example",
            "/birthdays//edit",
            "/birthdays/%2e%2e/edit",
            "/birthdays/../edit",
            "/%61ccount",
        ] {
            assert!(!GUARDS.is_page(path), "{path}");
        }
    }
}
