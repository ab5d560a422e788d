//! The app's pages for Leptos's router.
//!
//! All pages share one type. The router's own components make a type for each page: the browser's half would then
//! contain the router's code once for each page, and the server would create all pages again for each request.

use std::borrow::Cow;
use std::sync::Arc;

use leptos_router::{
    ChooseView, GeneratedRouteData, MatchInterface, MatchNestedRoutes, MatchParams, Method, ParamSegment, PathSegment,
    PossibleRouteMatch, RouteMatchId, SsrMode, StaticSegment,
};

use super::Page;

/// The parameters of a page's path, and their values.
type Params = Vec<(Cow<'static, str>, String)>;

/// The pages, for `FlatRoutes`. Each is rendered completely before its first byte (`Async`), so that it works without
/// JavaScript and its status code is correct.
#[derive(Debug, Clone)]
pub struct RouteTable {
    pages: &'static [Page],
    ids: Arc<[RouteMatchId]>,
}

/// The page at a path.
pub struct PageMatch {
    page: &'static Page,
    id: RouteMatchId,
    path: String,
    params: Params,
}

impl RouteTable {
    /// Takes all pages of the app.
    pub fn new(pages: &'static [Page]) -> Self {
        Self { pages, ids: pages.iter().map(|_| RouteMatchId::new_from_route_id()).collect() }
    }
}

impl MatchNestedRoutes for RouteTable {
    type Data = ();
    type Match = PageMatch;

    fn match_nested<'a>(&'a self, path: &'a str) -> (Option<(RouteMatchId, PageMatch)>, &'a str) {
        for (page, id) in self.pages.iter().zip(self.ids.iter().copied()) {
            if let Some((params, rest)) = params_at(page.path, path) {
                let path = path.strip_suffix(rest).unwrap_or(path).to_owned();
                return (Some((id, PageMatch { page, id, path, params })), rest);
            }
        }
        (None, path)
    }

    fn generate_routes(&self) -> impl IntoIterator<Item = GeneratedRouteData> + '_ {
        self.pages.iter().map(|page| GeneratedRouteData {
            segments: segments(page.path)
                .map(|segment| match segment.strip_prefix(':') {
                    Some(name) => PathSegment::Param(name.into()),
                    None => PathSegment::Static(segment.into()),
                })
                .collect(),
            ssr_mode: SsrMode::Async,
            methods: [Method::Get].into(),
            regenerate: vec![],
        })
    }

    fn optional(&self) -> bool {
        false
    }
}

impl MatchInterface for PageMatch {
    type Child = ();

    fn as_id(&self) -> RouteMatchId {
        self.id
    }

    fn as_matched(&self) -> &str {
        &self.path
    }

    fn into_view_and_child(self) -> (impl ChooseView, Option<()>) {
        (self.page, None)
    }
}

impl MatchParams for PageMatch {
    fn to_params(&self) -> Params {
        self.params.clone()
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

/// The parameters of a page at this path, and what is left of the path: nothing, or a slash.
fn params_at<'a>(page: &'static str, path: &'a str) -> Option<(Params, &'a str)> {
    let (mut rest, mut params) = (path, vec![]);
    for segment in segments(page) {
        let found = match segment.strip_prefix(':') {
            Some(name) => ParamSegment(name).test(rest),
            None => StaticSegment(segment).test(rest),
        }?;
        rest = found.remaining();
        params.extend(found.params());
    }
    matches!(rest, "" | "/").then_some((params, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::PageView;
    use crate::session::Access;
    use leptos::prelude::IntoAny;

    static PAGES: [Page; 4] = {
        const fn page(path: &'static str) -> Page {
            Page { path, access: Access::Anyone, view: PageView::Here(|| ().into_any()) }
        }
        [page("/"), page("/notes"), page("/notes/new"), page("/notes/:id/edit")]
    };

    #[test]
    fn path_selects_its_page() {
        let table = RouteTable::new(&PAGES);
        let found = |path| {
            let (found, rest) = table.match_nested(path);
            found.map(|(id, page)| {
                assert!(id == page.as_id() && format!("{}{rest}", page.as_matched()) == path, "{path}");
                (page.page.path, page.to_params().into_iter().map(|(_, value)| value).collect::<Vec<_>>())
            })
        };
        assert_eq!(found("/"), Some(("/", vec![])));
        assert_eq!(found("/notes"), Some(("/notes", vec![])));
        assert_eq!(found("/notes/"), Some(("/notes", vec![])));
        assert_eq!(found("/notes/new"), Some(("/notes/new", vec![])));
        assert_eq!(found("/notes/6b01/edit"), Some(("/notes/:id/edit", vec!["6b01".into()])));
        for path in ["/note", "/notes/6b01", "/notes//edit", "/notes/6b01/edit/more", "/nowhere"] {
            assert_eq!(found(path), None, "{path}");
        }
    }
}
