//! What the console asks of the browser itself. On the server each of these does nothing.

#[cfg(feature = "hydrate")]
mod page {
    use std::{cell::RefCell, pin::Pin};

    use js_sys::{Date, Object, Reflect, Uint8Array};
    use send_wrapper::SendWrapper;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{
        Document, Element, Event, FormData, HtmlAnchorElement, HtmlButtonElement, HtmlDialogElement, HtmlElement,
        HtmlFormElement, HtmlInputElement, MouseEvent, RequestInit, Response, SubmitEvent, UrlSearchParams,
    };

    use crate::{error::ConsoleError, outcome::Outcome, wire};

    fn document() -> Option<Document> {
        web_sys::window()?.document()
    }

    /// Styles and tests tell by `data-hydrated` that the page is alive.
    pub(crate) fn mark_hydrated() {
        if let Some(root) = document().and_then(|document| document.document_element()) {
            let _ = root.set_attribute("data-hydrated", "");
        }
    }

    fn element(id: &str) -> Option<HtmlElement> {
        document()?.get_element_by_id(id)?.dyn_into().ok()
    }

    fn input(id: &str) -> Option<HtmlInputElement> {
        element(id)?.dyn_into().ok()
    }

    pub(crate) fn exists(id: &str) -> bool {
        element(id).is_some()
    }

    pub(crate) fn focus(id: &str) {
        if let Some(element) = element(id) {
            let _ = element.focus();
        }
    }

    /// Focuses a field and marks what is in it, so that typing replaces it.
    pub(crate) fn select(id: &str) {
        if let Some(input) = input(id) {
            let _ = input.focus();
            input.select();
        }
    }

    pub(crate) fn value_of(id: &str) -> String {
        input(id).map(|input| input.value()).unwrap_or_default()
    }

    pub(crate) fn empty(id: &str) {
        if let Some(input) = input(id) {
            input.set_value("");
        }
    }

    pub(crate) fn is_checked(id: &str) -> bool {
        input(id).is_some_and(|input| input.checked())
    }

    pub(crate) fn uncheck(id: &str) {
        if let Some(input) = input(id) {
            input.set_checked(false);
        }
    }

    /// Draws the page in other colours: `attribute` is the root's `data-theme`.
    pub(crate) fn show_theme(attribute: Option<&str>, color_scheme: &str) {
        let Some(document) = document() else { return };
        if let Some(root) = document.document_element() {
            let _ = match attribute {
                Some(theme) => root.set_attribute("data-theme", theme),
                None => root.remove_attribute("data-theme"),
            };
        }
        if let Ok(Some(meta)) = document.query_selector("meta[name=color-scheme]") {
            let _ = meta.set_attribute("content", color_scheme);
        }
    }

    /// Submits a form as its button would.
    pub(crate) fn submit(id: &str) {
        if let Some(form) = element(id).and_then(|element| element.dyn_into::<HtmlFormElement>().ok()) {
            let _ = form.request_submit();
        }
    }

    /// Lets every field of a form show what it was filled with.
    pub(crate) fn reset(id: &str) {
        if let Some(form) = element(id).and_then(|element| element.dyn_into::<HtmlFormElement>().ok()) {
            form.reset();
        }
    }

    /// Closes a `<details>`.
    pub(crate) fn fold(id: &str) {
        if let Some(details) = element(id) {
            let _ = details.remove_attribute("open");
        }
    }

    /// Keeps keyboard and pointer out of the parts of the page that a selector names, or lets them in again.
    pub(crate) fn set_inert(selector: &str, inert: bool) {
        let Some(found) = document().and_then(|document| document.query_selector_all(selector).ok()) else { return };
        for index in 0..found.length() {
            if let Some(element) = found.get(index).and_then(|node| node.dyn_into::<Element>().ok()) {
                let _ = element.toggle_attribute_with_force("inert", inert);
            }
        }
    }

    /// Whether somebody looks at the page.
    pub(crate) fn is_visible() -> bool {
        document().is_some_and(|document| !document.hidden())
    }

    /// Whether the browser believes that it has a network.
    pub(crate) fn is_online() -> bool {
        web_sys::window().is_none_or(|window| window.navigator().on_line())
    }

    /// Whether somebody types: a shortcut must not take the letter away.
    pub(crate) fn is_typing(event: &Event) -> bool {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        target.is_some_and(|target| {
            let field = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
            target.closest(field).is_ok_and(|field| field.is_some())
        })
    }

    /// Whether an element of this id is around what the event happened to.
    pub(crate) fn is_inside(event: &Event, id: &str) -> bool {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        target.is_some_and(|target| target.closest(&format!("#{id}")).is_ok_and(|around| around.is_some()))
    }

    pub(crate) fn has_modal() -> bool {
        modal().is_some()
    }

    fn modal() -> Option<Element> {
        document()?.query_selector("dialog:modal").ok().flatten()
    }

    /// The path that a click leads to, if it leads this window to another page of ours.
    pub(crate) fn way_of(event: &MouseEvent) -> Option<String> {
        if event.default_prevented() || event.button() != 0 {
            return None;
        }
        if event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key() {
            return None;
        }
        let target: Element = event.target()?.dyn_into().ok()?;
        let link: HtmlAnchorElement = target.closest("a[href]").ok()??.dyn_into().ok()?;
        let here = web_sys::window()?.location();
        let same_page = link.pathname() == here.pathname().ok()? && link.search() == here.search().ok()?;
        // What the router does not know leaves the console: there the browser asks.
        if !link.target().is_empty() || link.rel() == "external" || link.origin() != here.origin().ok()? || same_page {
            return None;
        }
        Some(format!("{}{}{}", link.pathname(), link.search(), link.hash()))
    }

    /// Loads a page anew, dropping everything the present one holds in memory.
    pub(crate) fn load(path: &str) {
        if let Some(window) = web_sys::window() {
            let _ = window.location().set_href(path);
        }
    }

    thread_local! {
        /// What had the focus before the dialog that is open.
        static OPENER: RefCell<Option<HtmlElement>> = const { RefCell::new(None) };
    }

    /// The server renders a dialog open; only the browser can make it modal.
    pub(crate) fn make_modal(dialog: &HtmlDialogElement) {
        dialog.set_open(false);
        let _ = dialog.show_modal();
    }

    /// Before a dialog takes the focus. One that follows on another goes back to where the first was opened.
    pub(crate) fn remember_opener() {
        let active = document().and_then(|document| document.active_element());
        let active = active.and_then(|active| active.dyn_into::<HtmlElement>().ok());
        let Some(active) = active.filter(|active| active.tag_name() != "BODY") else { return };
        if active.closest("dialog").is_ok_and(|dialog| dialog.is_none()) {
            OPENER.set(Some(active));
        }
    }

    /// After a dialog: to what opened it, or to the page if that is gone.
    pub(crate) fn return_focus() {
        leptos::prelude::request_animation_frame(|| {
            let lost = document()
                .and_then(|document| document.active_element())
                .is_none_or(|active| active.tag_name() == "BODY");
            if has_modal() || !lost {
                return;
            }
            match OPENER.take().filter(|opener| opener.is_connected()) {
                Some(opener) => drop(opener.focus()),
                None => focus("content"),
            }
        });
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
        let (ok, bytes) = fetch(url, &body).await.map_err(|_| ConsoleError::Offline)?;
        if ok { wire::read(&bytes) } else { Err(error(&bytes)) }
    }

    async fn fetch(url: &str, body: &UrlSearchParams) -> Result<(bool, Vec<u8>), JsValue> {
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_body(body);
        answer(url, &init).await
    }

    /// Fetches what [`wire`] reads.
    pub(crate) fn get(url: String) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, ConsoleError>> + Send>> {
        Box::pin(SendWrapper::new(async move {
            let (ok, bytes) = answer(&url, &RequestInit::new()).await.map_err(|_| ConsoleError::Offline)?;
            if ok { Ok(bytes) } else { Err(error(&bytes)) }
        }))
    }

    fn error(bytes: &[u8]) -> ConsoleError {
        wire::read(bytes).unwrap_or(ConsoleError::Unexpected)
    }

    async fn answer(url: &str, init: &RequestInit) -> Result<(bool, Vec<u8>), JsValue> {
        let headers = Object::new();
        Reflect::set(&headers, &"accept".into(), &wire::ACCEPT.into())?;
        init.set_headers(&headers);
        let window = web_sys::window().ok_or(JsValue::NULL)?;
        let response: Response = JsFuture::from(window.fetch_with_str_and_init(url, init)).await?.dyn_into()?;
        let buffer = JsFuture::from(response.array_buffer()?).await?;
        Ok((response.ok(), Uint8Array::new(&buffer).to_vec()))
    }

    /// What base64 stands for; nothing if it is none.
    pub(crate) fn bytes(base64: &str) -> Vec<u8> {
        let text = web_sys::window().and_then(|window| window.atob(base64).ok()).unwrap_or_default();
        // Each character stands for one byte.
        text.chars().map(|character| u8::try_from(character).unwrap_or_default()).collect()
    }

    /// Whether the server answers there, and well.
    pub(crate) async fn answers(url: &str) -> bool {
        answer(url, &RequestInit::new()).await.is_ok_and(|(ok, _)| ok)
    }

    /// Puts text where it can be pasted from. Browsers allow it on https and on this machine alone.
    pub(crate) async fn copy(text: &str) -> bool {
        match web_sys::window().filter(web_sys::Window::is_secure_context) {
            Some(window) => JsFuture::from(window.navigator().clipboard().write_text(text)).await.is_ok(),
            None => false,
        }
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
    pub(crate) fn exists(_id: &str) -> bool {
        false
    }
    pub(crate) fn focus(_id: &str) {}
    pub(crate) fn select(_id: &str) {}
    pub(crate) fn value_of(_id: &str) -> String {
        String::new()
    }
    pub(crate) fn empty(_id: &str) {}
    pub(crate) fn is_checked(_id: &str) -> bool {
        false
    }
    pub(crate) fn uncheck(_id: &str) {}
    pub(crate) fn show_theme(_attribute: Option<&str>, _color_scheme: &str) {}
    pub(crate) fn submit(_id: &str) {}
    pub(crate) fn reset(_id: &str) {}
    pub(crate) fn fold(_id: &str) {}
    pub(crate) fn set_inert(_selector: &str, _inert: bool) {}
    pub(crate) fn is_visible() -> bool {
        false
    }
    pub(crate) fn is_online() -> bool {
        true
    }
    pub(crate) fn is_typing<Event>(_event: &Event) -> bool {
        false
    }
    pub(crate) fn is_inside<Event>(_event: &Event, _id: &str) -> bool {
        false
    }
    pub(crate) fn has_modal() -> bool {
        false
    }
    pub(crate) fn way_of<Event>(_event: &Event) -> Option<String> {
        None
    }
    pub(crate) fn load(_path: &str) {}
    pub(crate) fn make_modal<Dialog>(_dialog: &Dialog) {}
    pub(crate) fn remember_opener() {}
    pub(crate) fn return_focus() {}
    pub(crate) fn form_body<Event>(_event: &Event) -> Option<()> {
        None
    }
    #[expect(clippy::unused_async, reason = "the browser's own awaits the answer")]
    pub(crate) async fn post<Body>(_url: &str, _body: Body) -> Result<Outcome, ConsoleError> {
        Err(ConsoleError::Offline)
    }
    pub(crate) fn get(_url: String) -> std::future::Ready<Result<Vec<u8>, ConsoleError>> {
        std::future::ready(Err(ConsoleError::Offline))
    }
    #[cfg(not(feature = "ssr"))]
    pub(crate) fn bytes(_base64: &str) -> Vec<u8> {
        Vec::new()
    }
    #[expect(clippy::unused_async, reason = "the browser's own awaits the answer")]
    pub(crate) async fn answers(_url: &str) -> bool {
        false
    }
    #[expect(clippy::unused_async, reason = "the browser's own awaits the answer")]
    pub(crate) async fn copy(_text: &str) -> bool {
        false
    }
    pub(crate) fn local_time(_rfc3339: &str) -> Option<String> {
        None
    }
}

#[cfg(not(feature = "hydrate"))]
pub(crate) use page::*;
