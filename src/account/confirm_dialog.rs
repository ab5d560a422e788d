//! A button that opens a dialog with a form.

use leptos::ev::MouseEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;

/// A button that opens a dialog. Without JavaScript, the dialog's content opens below the button.
#[component]
pub fn ConfirmDialog(
    /// The dialog's id.
    #[prop(into)]
    id: String,
    /// The dialog's heading.
    #[prop(into)]
    title: String,
    /// The button's class.
    class: &'static str,
    /// The button's content.
    #[prop(into)]
    button: ViewFnOnce,
    /// True if the page opens with it, for a form that was refused without JavaScript.
    is_open: bool,
    /// The form.
    children: Children,
) -> impl IntoView {
    let (details, summary) = (NodeRef::<html::Details>::new(), NodeRef::<html::Summary>::new());
    let (dialog, heading) = (NodeRef::<html::Dialog>::new(), NodeRef::<html::H2>::new());
    let open = move |event: MouseEvent| {
        let (Some(details), Some(dialog)) = (details.get_untracked(), dialog.get_untracked()) else { return };
        if details.open() {
            // The content is below the button, where a refusal without JavaScript has left it: the browser closes it.
            return;
        }
        event.prevent_default();
        // The DOM refuses only names that are no attribute's.
        let _ = details.set_attribute("open", "");
        // Only a closed dialog can be shown as a modal one.
        let _ = dialog.remove_attribute("open");
        if dialog.show_modal().is_err() {
            // A browser without dialogs shows it below the button.
            let _ = dialog.set_attribute("open", "");
        }
        focus(heading.get_untracked());
    };
    let close = move |_| {
        if dialog.get_untracked().is_some_and(|dialog| !dialog.open()) {
            if let Some(details) = details.get_untracked() {
                let _ = details.remove_attribute("open");
            }
            // Without the code of the page, the button opens it below.
            if let Some(dialog) = dialog.get_untracked() {
                let _ = dialog.set_attribute("open", "");
            }
            focus(summary.get_untracked());
        }
    };
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    view! {
        <details class="confirm" node_ref=details open=is_open>
            <summary class=class aria-haspopup="dialog" node_ref=summary on:click=open>{button.run()}</summary>
            <dialog id=id open aria-labelledby=labelled_by node_ref=dialog on:close=close>
                <h2 id=title_id tabindex="-1" node_ref=heading>{title}</h2>
                {children()}
                // Closes the dialog without JavaScript of ours; outside of a modal dialog it is not shown.
                <form method="dialog"><button class="button button-quiet button-small">"Cancel"</button></form>
            </dialog>
        </details>
    }
}

fn focus(element: Option<impl JsCast>) {
    if let Some(element) = element.as_ref().and_then(|element| element.dyn_ref::<HtmlElement>()) {
        // Fails only for an element that is being removed.
        let _ = element.focus();
    }
}
