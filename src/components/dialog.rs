//! The frame of the dialogs.

use leptos::html;
use leptos::prelude::*;
use leptos::web_sys::HtmlDialogElement;

use super::focus;

/// A dialog with a heading and a button that closes it.
#[component]
pub fn Dialog(
    /// The dialog's id.
    id: String,
    /// The heading.
    #[prop(into)]
    title: String,
    /// True if the dialog opens inside the page, as without JavaScript.
    #[prop(optional)]
    open: bool,
    /// The dialog.
    node_ref: NodeRef<html::Dialog>,
    /// Called after the dialog has closed, or after it has opened inside the page.
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
            // The browser itself closes the dialog. The style sheet hides the button outside of a modal dialog.
            <form method="dialog"><button class="button button-quiet">"Cancel"</button></form>
        </dialog>
    }
}

/// Opens the dialog in front of the page, or inside the page if the browser has no modal dialogs. Focuses its heading.
pub fn show(dialog: &HtmlDialogElement) {
    // `show_modal` needs a closed dialog. Changing an attribute fails only for an invalid name.
    let _ = dialog.remove_attribute("open");
    if dialog.show_modal().is_err() {
        let _ = dialog.set_attribute("open", "");
    }
    if let Ok(Some(heading)) = dialog.query_selector("h2") {
        focus(&heading);
    }
}
