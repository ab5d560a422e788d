//! A view that is made when it is rendered.

use leptos::prelude::*;
use leptos::tachys::html::attribute::Attribute;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::{Position, PositionState};

pub(super) fn at_once<V: IntoView + 'static>(view: impl FnOnce() -> V + Send + 'static) -> AnyView {
    AtOnce { owner: Owner::current(), view: Box::new(move || view().into_any()) }.into_any()
}

struct AtOnce {
    /// The component that made it, whose contexts the view has.
    owner: Option<Owner>,
    view: Box<dyn FnOnce() -> AnyView + Send>,
}

impl AtOnce {
    fn with<T>(self, use_view: impl FnOnce(AnyView) -> T) -> T {
        let Self { owner, view } = self;
        match owner {
            Some(owner) => owner.with(|| use_view(view())),
            None => use_view(view()),
        }
    }
}

impl Render for AtOnce {
    type State = <AnyView as Render>::State;

    fn build(self) -> Self::State {
        self.with(Render::build)
    }

    fn rebuild(self, state: &mut Self::State) {
        self.with(|view| view.rebuild(state));
    }
}

impl AddAnyAttr for AtOnce {
    type Output<A: Attribute> = Self;

    fn add_any_attr<A: Attribute>(self, attribute: A) -> Self {
        let attribute = attribute.into_cloneable_owned();
        let Self { owner, view } = self;
        Self { owner, view: Box::new(move || view().add_any_attr(attribute).into_any()) }
    }
}

impl RenderHtml for AtOnce {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        html: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attributes: Vec<AnyAttribute>,
    ) {
        self.with(|view| {
            // An estimate. Text that grows twice is copied twice.
            html.reserve(view.html_len() + view.html_len() / 8);
            view.to_html_with_buf(html, position, escape, mark_branches, extra_attributes);
        });
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        self.with(|view| view.hydrate::<FROM_SERVER>(cursor, position))
    }

    fn into_owned(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn view_is_made_once_with_the_contexts_of_its_component() {
        let owner = Owner::new();
        let mut view = owner.with(|| {
            provide_context("here");
            at_once(|| view! { <p>{use_context::<&str>()}</p> })
        });
        view.dry_resolve();
        let html = view.to_html();
        assert!(html.contains("here"), "{html}");
    }
}
