//! Brings the console's pages to life in the browser.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page's own script.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
