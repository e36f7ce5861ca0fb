//! Rows of like things; some can be chosen to do something with.

use leptos::prelude::*;

/// The id of the form that does something with what was chosen, in a dialog over the list: after it nothing is chosen.
pub const ACT: &str = "act-on-selected";

/// Which rows of a table are chosen. Make it outside of what is loaded, so that it outlives a fresh look at the list.
#[derive(Clone, Copy, Debug)]
pub struct Selection {
    /// The id of the form that the choice is sent with.
    form: StoredValue<String>,
    /// The field that carries it, such as `ids[]`.
    field: &'static str,
    shown: RwSignal<Vec<String>>,
    chosen: RwSignal<Vec<String>>,
}

impl Selection {
    /// `form` is the id of a [`super::form::Form`] on the same page.
    pub fn new(form: impl Into<String>, field: &'static str) -> Self {
        Self {
            form: StoredValue::new(form.into()),
            field,
            shown: RwSignal::new(Vec::new()),
            chosen: RwSignal::new(Vec::new()),
        }
    }

    /// Says which rows the list has now; what is no longer there is no longer chosen.
    pub fn show(self, rows: Vec<String>) {
        self.chosen.update(|chosen| chosen.retain(|value| rows.contains(value)));
        self.shown.set(rows);
    }

    /// The same for a list that is turned or searched while rows are chosen from it: those of other pages stay chosen.
    pub fn turn(self, rows: Vec<String>) {
        self.shown.set(rows);
    }

    /// What is chosen on other pages, to be sent along.
    pub fn elsewhere(self) -> AnyView {
        let inputs = move || {
            let mut elsewhere = self.chosen.get();
            self.shown.with(|shown| elsewhere.retain(|value| !shown.contains(value)));
            let hidden = |value: String| view! { <input type="hidden" name=self.field value=value/> };
            elsewhere.into_iter().map(hidden).collect_view()
        };
        view! { {inputs} }.into_any()
    }

    pub fn clear(self) {
        self.chosen.set(Vec::new());
    }

    /// How many rows are chosen; always 0 without JavaScript.
    pub fn count(self) -> usize {
        self.chosen.with(Vec::len)
    }

    fn has(self, value: &str) -> bool {
        self.chosen.with(|chosen| chosen.iter().any(|known| known == value))
    }

    fn choose(self, value: &str, on: bool) {
        self.chosen.update(|chosen| {
            chosen.retain(|known| known != value);
            if on {
                chosen.push(value.to_owned());
            }
        });
    }

    fn choose_all(self, on: bool) {
        for value in self.shown.get_untracked() {
            self.choose(&value, on);
        }
    }

    fn all(self) -> bool {
        self.shown.with(|shown| !shown.is_empty() && shown.iter().all(|value| self.has(value)))
    }

    fn some(self) -> bool {
        self.shown.with(|shown| shown.iter().any(|value| self.has(value)))
    }
}

#[component]
pub fn Table(
    /// Says what the rows are; not shown.
    #[prop(into)]
    caption: String,
    /// The heads of the columns; an empty one is a column of actions.
    columns: Vec<&'static str>,
    /// Rows that open with a [`SelectRow`].
    #[prop(optional_no_strip)]
    selection: Option<Selection>,
    /// `<tr>` elements.
    children: Children,
) -> impl IntoView {
    let heads = columns
        .into_iter()
        .map(|name| {
            if name.is_empty() {
                view! { <th scope="col"><span class="visually-hidden">"Actions"</span></th> }.into_any()
            } else {
                view! { <th scope="col">{name}</th> }.into_any()
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="table">
                <caption class="visually-hidden">{caption}</caption>
                <thead><tr>{selection.map(select_all)}{heads}</tr></thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

fn select_all(selection: Selection) -> AnyView {
    let some = move || selection.some() && !selection.all();
    view! {
        <th scope="col" class="select-cell">
            <span class="visually-hidden">"Selected"</span>
            <input
                type="checkbox"
                class="only-hydrated"
                aria-label="Select all rows of this page"
                prop:checked=move || selection.all()
                prop:indeterminate=some
                on:change=move |event| selection.choose_all(event_target_checked(&event))
            />
        </th>
    }
    .into_any()
}

/// The first cell of a row that can be chosen. The checkbox is sent with the selection's form, wherever that stands.
#[component]
pub fn SelectRow(
    selection: Selection,
    /// What is sent.
    #[prop(into)]
    value: String,
    /// Names the row.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let (shown, told) = (value.clone(), value.clone());
    view! {
        <td class="select-cell">
            <input
                type="checkbox"
                form=selection.form.get_value()
                name=selection.field
                value=value
                aria-label=format!("Select {label}")
                prop:checked=move || selection.has(&shown)
                on:change=move |event| selection.choose(&told, event_target_checked(&event))
            />
        </td>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_is_gone_is_no_longer_chosen() {
        Owner::new().with(|| {
            let selection = Selection::new("retry", "ids[]");
            selection.show(vec!["a".to_owned(), "b".to_owned()]);
            selection.choose_all(true);
            assert!(selection.all());
            selection.show(vec!["b".to_owned(), "c".to_owned()]);
            assert!(selection.has("b") && !selection.has("a") && !selection.all());
            selection.choose("b", false);
            assert_eq!(selection.count(), 0);
        });
    }

    #[test]
    fn what_is_chosen_on_another_page_stays_chosen() {
        Owner::new().with(|| {
            let selection = Selection::new("add", "ids[]");
            selection.turn(vec!["a".to_owned(), "b".to_owned()]);
            selection.choose("a", true);
            selection.turn(vec!["c".to_owned()]);
            assert!(selection.has("a") && !selection.some());
            selection.choose_all(true);
            assert!(selection.all());
            assert_eq!(selection.count(), 2);
            selection.choose_all(false);
            assert_eq!(selection.count(), 1, "the other page is left alone");
        });
    }
}
