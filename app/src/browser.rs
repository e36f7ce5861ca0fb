//! What the console asks of the browser itself. On the server each of these does nothing.

#[cfg(feature = "hydrate")]
mod page {
    use js_sys::{Date, Object, Reflect};
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{
        Document, FormData, HtmlButtonElement, HtmlDialogElement, HtmlElement, HtmlFormElement, RequestInit, Response,
        SubmitEvent, UrlSearchParams,
    };

    use crate::{error::ConsoleError, outcome::Outcome};

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

    pub(crate) fn close_modal() {
        let dialog = document().and_then(|document| document.query_selector("dialog:modal").ok().flatten());
        if let Some(dialog) = dialog.and_then(|dialog| dialog.dyn_into::<HtmlDialogElement>().ok()) {
            dialog.close();
        }
    }

    /// What the browser would post, the pressed button included.
    pub(crate) fn form_body(event: &SubmitEvent) -> Option<UrlSearchParams> {
        let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
        let data = FormData::new_with_form(&form).ok()?;
        let button = event.submitter().and_then(|button| button.dyn_into::<HtmlButtonElement>().ok());
        if let Some(button) = button.filter(|button| !button.name().is_empty()) {
            data.append_with_str(&button.name(), &button.value()).ok()?;
        }
        UrlSearchParams::new_with_str_sequence_sequence(&data).ok()
    }

    /// Posts a form to its server function.
    pub(crate) async fn post(url: &str, body: UrlSearchParams) -> Result<Outcome, ConsoleError> {
        let (ok, text) = fetch(url, &body).await.map_err(|_| ConsoleError::Offline)?;
        if ok {
            serde_json::from_str(&text).map_err(|_| ConsoleError::Unexpected)
        } else {
            Err(serde_json::from_str(&text).unwrap_or(ConsoleError::Unexpected))
        }
    }

    async fn fetch(url: &str, body: &UrlSearchParams) -> Result<(bool, String), JsValue> {
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_body(body);
        let headers = Object::new();
        Reflect::set(&headers, &"accept".into(), &"application/json".into())?;
        init.set_headers(&headers);
        let window = web_sys::window().ok_or(JsValue::NULL)?;
        let response: Response = JsFuture::from(window.fetch_with_str_and_init(url, &init)).await?.dyn_into()?;
        let text = JsFuture::from(response.text()?).await?;
        Ok((response.ok(), text.as_string().unwrap_or_default()))
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
    use crate::{error::ConsoleError, outcome::Outcome};

    pub(crate) fn mark_hydrated() {}
    pub(crate) fn focus(_id: &str) {}
    pub(crate) fn uncheck(_id: &str) {}
    pub(crate) fn load(_path: &str) {}
    pub(crate) fn make_modal<Dialog>(_dialog: &Dialog) {}
    pub(crate) fn close_modal() {}
    pub(crate) fn form_body<Event>(_event: &Event) -> Option<()> {
        None
    }
    #[expect(clippy::unused_async, reason = "the browser's own awaits the answer")]
    pub(crate) async fn post<Body>(_url: &str, _body: Body) -> Result<Outcome, ConsoleError> {
        Err(ConsoleError::Offline)
    }
    pub(crate) fn local_time(_rfc3339: &str) -> Option<String> {
        None
    }
}

#[cfg(not(feature = "hydrate"))]
pub(crate) use page::*;
