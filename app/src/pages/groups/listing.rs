//! People or groups in a table that is searched and turned page by page: all lists of these pages are drawn here.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use super::{
    READ_ONLY, api,
    view::{Listing, Which},
};
use crate::{
    outcome::address,
    pages::session::writing,
    ui::{
        button::{LinkButton, Look, Submit},
        cells::{self, Line},
        dialog::{Actions, Dialog},
        empty::Empty,
        form::{Form, Post},
        load::{Load, Loaded, load, named},
        narrow::{By, Narrow, narrow},
        pager::Pager,
        table::{SelectRow, Selection, Table},
    },
};

/// What a list is narrowed to, and where in it one is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub search: String,
    pub after: String,
}

/// What the two are called in the address.
type Names = [&'static str; 2];
pub(crate) const PAGE: Names = ["search", "after"];
/// In a dialog, behind which another list stays as it is.
const DIALOG: Names = ["find", "from"];

impl Asked {
    /// The part of the list that begins after a cursor, on the page at `base`.
    pub(crate) fn path(&self, base: &str, names: Names, after: &str) -> String {
        let [search, part] = names;
        address(base, &[(search, &self.search)], (part, after))
    }
}

pub(crate) fn asked(names: Names) -> impl Fn() -> Asked + Copy + Send + Sync {
    let query = use_query_map();
    move || {
        let [search, after] = names.map(|name| query.with(|query| query.get(name)).unwrap_or_default());
        Asked { search, after }
    }
}

/// Which list a page shows; `None` where its address names nothing.
pub(crate) type Of = Box<dyn Fn() -> Option<Which> + Send + Sync>;

pub(crate) fn listing(of: Of, names: Names) -> Load<Listing> {
    let asked = asked(names);
    load(move || Ok(api::List { of: named(of(), "This")?, asked: asked() }))
}

/// A list with its search and its pages.
pub(crate) struct Shown {
    pub(crate) base: String,
    pub(crate) names: Names,
    pub(crate) caption: &'static str,
    /// The first is for names; those of actions and of what is chosen are added.
    pub(crate) columns: &'static [&'static str],
    /// What is searched for.
    pub(crate) placeholder: &'static str,
    pub(crate) selection: Option<Selection>,
    /// The form that takes out the one whose button is pressed.
    pub(crate) remove: Option<&'static str>,
    /// Says that nothing is there at all, and what to do about it.
    pub(crate) nothing: (&'static str, &'static str),
}

impl Shown {
    pub(crate) fn draw(self, items: Vec<Line>, next: Option<String>, asked: &Asked, add: AnyView) -> AnyView {
        let is_first = asked.after.is_empty();
        let is_narrowed = !asked.search.trim().is_empty();
        let Self { base, names, .. } = &self;
        let first = (!is_first).then(|| asked.path(base, *names, ""));
        let onward = next.as_deref().map(|after| asked.path(base, *names, after));
        if items.is_empty() && is_first && !is_narrowed {
            let (title, text) = self.nothing;
            return view! { <section class="card"><Empty title text>{add}</Empty></section> }.into_any();
        }
        let search =
            Narrow { name: names[0], label: "Search", value: asked.search.clone(), by: By::Text(self.placeholder) };
        let narrow = narrow(base, "Search", vec![search], Vec::new(), is_narrowed);
        let found = if items.is_empty() { self.nobody(next.is_some(), is_narrowed) } else { self.table(items) };
        view! { {narrow} {found} <Pager first next=onward/> }.into_any()
    }

    fn nobody(&self, more: bool, is_narrowed: bool) -> AnyView {
        let (title, text) = match (more, is_narrowed) {
            (true, _) => (
                "Nothing yet among those looked at",
                "Many begin like this, and none of those looked at so far fits. Go on to the next page, or search for a longer word.",
            ),
            (false, true) => {
                ("No results found", "Nothing here has words that begin like this. Search for the beginning of a name.")
            }
            (false, false) => ("Nothing here", "Everything on this page was taken away."),
        };
        let to = self.base.clone();
        view! {
            <section class="card">
                <Empty title text>
                    <LinkButton to>"Show all"</LinkButton>
                </Empty>
            </section>
        }
        .into_any()
    }

    fn table(self, items: Vec<Line>) -> AnyView {
        let mut columns = self.columns.to_vec();
        columns.extend(self.remove.map(|_| ""));
        let rows: Vec<AnyView> = items.into_iter().map(|line| self.row(line)).collect();
        view! {
            <section class="card listing">
                <Table caption=self.caption columns selection=self.selection>{rows}</Table>
            </section>
        }
        .into_any()
    }

    fn row(&self, line: Line) -> AnyView {
        let (id, title) = (line.id.clone(), line.title.clone());
        let select = self.selection.map(|selection| {
            if line.is_in {
                let label = format!("{title}: in it already");
                view! {
                    <td class="select-cell"><input type="checkbox" checked=true disabled=true aria-label=label/></td>
                }
                .into_any()
            } else {
                view! { <SelectRow selection value=id.clone() label=title.clone()/> }.into_any()
            }
        });
        let remove = self.remove.map(|form| {
            let name = format!(" {title}");
            view! {
                <Submit look=Look::Quiet form name="only" value=id>
                    "Remove" <span class="visually-hidden">{name}</span>
                </Submit>
            }
            .into_any()
        });
        cells::line(line, self.columns, select, remove)
    }
}

/// What leads to more, where that is allowed.
pub(crate) fn add(label: &'static str, to: String, may_write: bool) -> AnyView {
    let read_only = (!may_write).then_some(READ_ONLY);
    view! { <LinkButton to look=Look::Primary disabled_because=read_only>{label}</LinkButton> }.into_any()
}

/// A tab that lists who or what is tied to this page's thing: searched, added to, and taken out of by a form.
pub(crate) struct Tab {
    pub(crate) shown: Shown,
    /// The thing's id.
    pub(crate) id: String,
    /// The button that opens the dialog, and the dialog's path.
    pub(crate) add: (&'static str, String),
    /// Says what taking out does.
    pub(crate) hint: &'static str,
    pub(crate) action: Post,
}

/// The id of the form by which a [`Tab`] takes out.
pub(crate) const REMOVE: &str = "remove";

impl Tab {
    pub(crate) fn draw(self, list: Listing, asked: &Asked, selection: Selection) -> AnyView {
        let Self { mut shown, id, add: (label, to), hint, action } = self;
        let Listing { items, next, may_write } = list;
        selection.show(items.iter().map(|line| line.id.clone()).collect());
        (shown.selection, shown.remove) = (may_write.then_some(selection), may_write.then_some(REMOVE));
        let is_there = !items.is_empty();
        let first = (is_there || !asked.after.is_empty() || !asked.search.is_empty()).then(|| {
            view! {
                <div class="section-head">
                    <p class="hint section-hint">{hint}</p>
                    {add(label, to.clone(), may_write)}
                </div>
            }
        });
        let table = shown.draw(items, next, asked, add(label, to, may_write));
        let remove = (is_there && may_write).then(|| {
            let Asked { search, after } = asked.clone();
            view! {
                <Form action id=REMOVE class="activity-selected">
                    <input type="hidden" name="id" value=id/>
                    <input type="hidden" name="asked[search]" value=search/>
                    <input type="hidden" name="asked[after]" value=after/>
                    <Submit look=Look::Danger>{with_count("Remove selected", selection)}</Submit>
                </Form>
            }
        });
        view! { {first} {table} {remove} }.into_any()
    }
}

fn with_count(label: &'static str, selection: Selection) -> impl Fn() -> String + Send + Sync {
    move || match selection.count() {
        0 => label.to_owned(),
        count => format!("{label} ({count})"),
    }
}

/// A dialog that people, or groups, are chosen in. Make it outside of what is loaded.
#[derive(Clone, Copy)]
pub(crate) struct Chooser {
    pub(crate) title: &'static str,
    pub(crate) subtitle: &'static str,
    pub(crate) placeholder: &'static str,
    pub(crate) columns: &'static [&'static str],
    pub(crate) nothing: (&'static str, &'static str),
    pub(crate) caption: &'static str,
    pub(crate) verb: &'static str,
    pub(crate) action: Post,
    pub(crate) choice: Choice,
}

/// What is offered, and what of it is chosen.
#[derive(Clone, Copy)]
pub(crate) struct Choice {
    list: Load<Listing>,
    selection: Selection,
}

/// The id of the form by which a [`Chooser`] adds.
const ADD: &str = "add";

impl Choice {
    pub(crate) fn new(of: Of) -> Self {
        Self { list: listing(of, DIALOG), selection: Selection::new(ADD, "ids[]") }
    }
}

impl Chooser {
    /// `id` is that of the thing chosen for; `parent` and `base` are the paths of the page behind and of the dialog.
    pub(crate) fn draw(self, id: String, parent: String, base: String) -> AnyView {
        let Self { title, subtitle, placeholder, columns, nothing, caption, verb, action, choice } = self;
        let (asked, Choice { list, selection }) = (asked(DIALOG), choice);
        let table = move |list: Listing| {
            let Listing { items, next, .. } = list;
            selection.turn(items.iter().filter(|line| !line.is_in).map(|line| line.id.clone()).collect());
            let shown = Shown {
                base: base.clone(),
                names: DIALOG,
                caption,
                columns,
                placeholder,
                selection: Some(selection),
                remove: None,
                nothing,
            };
            shown.draw(items, next, &asked(), ().into_any())
        };
        view! {
            <Dialog title subtitle parent=parent.clone()>
                <div class="chooser">
                    <Loaded data=list view=table/>
                </div>
                <Form action id=ADD>
                    <input type="hidden" name="id" value=id/>
                    {selection.elsewhere()}
                    <Actions>
                        <LinkButton to=parent look=Look::Quiet>"Cancel"</LinkButton>
                        {writing(move |because| {
                            let label = with_count(verb, selection);
                            view! { <Submit look=Look::Primary disabled_because=because>{label}</Submit> }.into_any()
                        })}
                    </Actions>
                </Form>
            </Dialog>
        }
        .into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_list_holds_what_was_asked() {
        let asked = Asked { search: " a&b ".to_owned(), after: "old".to_owned() };
        assert_eq!(asked.path("/console/groups", PAGE, "Y-_"), "/console/groups?search=a%26b&after=Y-%5F");
        assert_eq!(asked.path("/console/groups/1/members/add", DIALOG, ""), "/console/groups/1/members/add?find=a%26b");
        assert_eq!(Asked::default().path("/console/groups", PAGE, ""), "/console/groups");
    }
}
