//! A file that is sent with its form, which has to be an upload.

use leptos::prelude::*;

use super::field::Marks;

#[component]
pub fn FileField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    /// Endings and types that the browser offers; the server looks for itself.
    accept: &'static str,
) -> impl IntoView {
    let marks = Marks::new(&name, hint);
    let forget = marks.forget_error();
    view! {
        <div class="field">
            <label for=marks.id.clone()>{label}</label>
            <input
                id=marks.id.clone()
                class="input"
                type="file"
                name=name
                accept=accept
                aria-invalid=marks.invalid()
                aria-describedby=marks.described_by()
                on:change=move |_| forget()
            />
            {marks.below()}
        </div>
    }
}
