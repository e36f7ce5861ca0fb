//! Several lines of input. The only place with a `<textarea>`: Leptos 0.8 writes its children unescaped.

use leptos::prelude::*;

use super::field::Marks;

#[component]
pub fn TextArea(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] value: String,
    /// Lines shown at first.
    #[prop(default = 3)]
    rows: u8,
) -> impl IntoView {
    let marks = Marks::new(&name, hint);
    let content = content(&marks.value_or(value), cfg!(feature = "ssr"));
    let forget = marks.forget_error();
    view! {
        <div class="field">
            <label for=marks.id.clone()>{label}</label>
            <textarea
                id=marks.id.clone()
                class="input"
                name=name
                rows=rows.to_string()
                aria-invalid=marks.invalid()
                aria-describedby=marks.described_by()
                on:input=move |_| forget()
                inner_html=content
            ></textarea>
            {marks.below()}
        </div>
    }
}

/// Text as the content of a `<textarea>`. The parser of a *document* drops one newline after the opening tag, so one
/// is put before; the parser behind `innerHTML` drops none (HTML standard, section 13.2.6.4.7).
fn content(text: &str, document: bool) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    if document { format!("\n{escaped}") } else { escaped }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn rendered(value: &str) -> String {
        Owner::new().with(|| view! { <TextArea name="note" label="Note" value=value/> }.to_html())
    }

    #[test]
    fn what_was_typed_stays_text() {
        let html = rendered("</textarea><script>alert(1)</script>&lt;");
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;lt;</textarea>"), "{html}");
    }

    #[test]
    fn a_leading_newline_is_kept() {
        assert!(rendered("\nsecond line").contains(">\n\nsecond line</textarea>"));
        assert!(rendered("one line").contains(">\none line</textarea>"));
    }
}
