//! Text that updates correctly when the browser translates the page.
//!
//! Browser translation moves each text node into a `<font>` element, and later changes to the original node stay
//! invisible. So changing text replaces its element.

use leptos::prelude::*;
use leptos::tachys::html::attribute::Attribute;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::types::{Element, Node};
use leptos::tachys::view::{Position, PositionState};

/// A `<span>` with this text. When the text changes, a new span replaces it.
pub struct Words(String);

/// Returns a view of the text. Use it for text that changes: `{move || words(state.get().to_string())}`.
pub fn words(text: impl Into<String>) -> Words {
    Words(text.into())
}

/// The rendered text and its element.
pub struct WordsState {
    text: String,
    span: <AnyView as Render>::State,
}

impl Words {
    fn span(&self) -> AnyView {
        view! { <span>{self.0.clone()}</span> }.into_any()
    }

    fn state(self, span: <AnyView as Render>::State) -> WordsState {
        WordsState { text: self.0, span }
    }
}

impl Render for Words {
    type State = WordsState;

    fn build(self) -> WordsState {
        let span = self.span().build();
        self.state(span)
    }

    fn rebuild(self, state: &mut WordsState) {
        if self.0 == state.text {
            return;
        }
        let mut next = self.build();
        state.span.insert_before_this(&mut next);
        state.span.unmount();
        *state = next;
    }
}

impl AddAnyAttr for Words {
    type Output<A: Attribute> = Self;

    fn add_any_attr<A: Attribute>(self, _attribute: A) -> Self {
        self
    }
}

impl RenderHtml for Words {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn html_len(&self) -> usize {
        "<span></span>".len() + self.0.len()
    }

    fn to_html_with_buf(
        self,
        html: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attributes: Vec<AnyAttribute>,
    ) {
        if !extra_attributes.is_empty() {
            return self.span().to_html_with_buf(html, position, escape, mark_branches, extra_attributes);
        }
        // Lists consist of such texts, and a view for each takes longer than its text.
        html.push_str("<span>");
        *position = Position::FirstChild;
        self.0.to_html_with_buf(html, position, true, mark_branches, vec![]);
        // The end of a list of children, as which erased components have all children.
        html.push_str(if cfg!(erase_components) { "<!></span>" } else { "</span>" });
        *position = Position::NextChild;
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> WordsState {
        let span = self.span().hydrate::<FROM_SERVER>(cursor, position);
        self.state(span)
    }

    async fn hydrate_async(self, cursor: &Cursor, position: &PositionState) -> WordsState {
        let span = self.span().hydrate_async(cursor, position).await;
        self.state(span)
    }

    fn into_owned(self) -> Self {
        self
    }
}

impl Mountable for WordsState {
    fn unmount(&mut self) {
        self.span.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.span.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.span.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        self.span.elements()
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn text_is_rendered_like_its_span() {
        for text in ["", "Ann", "<b> & \"c\" 'd'"] {
            let beside = |words: AnyView| view! { <p>"before" {words} "after"</p> }.to_html();
            assert_eq!(beside(words(text).into_any()), beside(words(text).span()), "{text}");
        }
    }
}
