//! The frame of the dialogs.

use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{HtmlDialogElement, HtmlElement};

/// A dialog with a heading and a button that closes it.
#[component]
pub fn Dialog(
    /// The dialog's id.
    id: String,
    /// The heading.
    #[prop(into)]
    title: String,
    /// True if it is open inside the page, as without JavaScript.
    #[prop(optional)]
    open: bool,
    /// The dialog.
    node_ref: NodeRef<html::Dialog>,
    /// Called after it has closed, or opened inside the page.
    on_close: impl Fn() + 'static,
    /// The form.
    children: Children,
) -> impl IntoView {
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    view! {
        <dialog
            id=id
            class="dialog"
            open=open
            aria-labelledby=labelled_by
            node_ref=node_ref
            on:close=move |_| on_close()
        >
            <h2 id=title_id tabindex="-1">{title}</h2>
            {children()}
            // Closes the dialog without JavaScript of ours; outside of a modal dialog it is not shown.
            <form method="dialog"><button class="button button-quiet">"Cancel"</button></form>
        </dialog>
    }
}

/// Opens the dialog in front of the page, or in a browser without modal dialogs inside it. Its heading gets the focus.
pub fn show(dialog: &HtmlDialogElement) {
    // Only a closed dialog can be shown as a modal one. The DOM refuses only names that are no attribute's.
    let _ = dialog.remove_attribute("open");
    if dialog.show_modal().is_err() {
        let _ = dialog.set_attribute("open", "");
    }
    focus(dialog.query_selector("h2").ok().flatten());
}

/// Focuses the element.
pub fn focus(element: Option<impl JsCast>) {
    if let Some(element) = element.as_ref().and_then(|element| element.dyn_ref::<HtmlElement>()) {
        // Fails only for an element that is being removed.
        let _ = element.focus();
    }
}
