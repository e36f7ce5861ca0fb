//! What the console asks of the browser itself. On the server each of these does nothing.

#[cfg(feature = "hydrate")]
mod page {
    use js_sys::{Date, Object, Reflect};
    use wasm_bindgen::{JsCast, JsValue};
    use web_sys::{Document, HtmlDialogElement, HtmlElement};

    fn document() -> Option<Document> {
        web_sys::window()?.document()
    }

    /// Styles and tests tell by `data-hydrated` that the page is alive.
    pub(crate) fn mark_hydrated() {
        if let Some(root) = document().and_then(|document| document.document_element()) {
            let _ = root.set_attribute("data-hydrated", "");
        }
    }

    pub(crate) fn focus(id: &str) {
        let element = document().and_then(|document| document.get_element_by_id(id));
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    }

    pub(crate) fn uncheck(id: &str) {
        let element = document().and_then(|document| document.get_element_by_id(id));
        if let Some(input) = element.and_then(|element| element.dyn_into::<web_sys::HtmlInputElement>().ok()) {
            input.set_checked(false);
        }
    }

    /// Loads a page anew, dropping everything the present one holds in memory.
    pub(crate) fn load(path: &str) {
        if let Some(window) = web_sys::window() {
            let _ = window.location().set_href(path);
        }
    }

    /// The server renders a dialog open; only the browser can make it modal.
    pub(crate) fn make_modal(dialog: &HtmlDialogElement) {
        dialog.set_open(false);
        let _ = dialog.show_modal();
    }

    /// A date and time as the reader's own place writes it.
    pub(crate) fn local_time(rfc3339: &str) -> Option<String> {
        let date = Date::new(&JsValue::from_str(rfc3339));
        if date.get_time().is_nan() {
            return None;
        }
        let options = Object::new();
        for (name, value) in [("dateStyle", "medium"), ("timeStyle", "short")] {
            Reflect::set(&options, &name.into(), &value.into()).ok()?;
        }
        Some(date.to_locale_string("default", &options).into())
    }
}

#[cfg(feature = "hydrate")]
pub(crate) use page::*;

#[cfg(not(feature = "hydrate"))]
mod page {
    pub(crate) fn mark_hydrated() {}
    pub(crate) fn focus(_id: &str) {}
    pub(crate) fn uncheck(_id: &str) {}
    pub(crate) fn load(_path: &str) {}
    pub(crate) fn make_modal<Dialog>(_dialog: &Dialog) {}
    pub(crate) fn local_time(_rfc3339: &str) -> Option<String> {
        None
    }
}

#[cfg(not(feature = "hydrate"))]
pub(crate) use page::*;
