//! Cells and rows of a table whose words come from the server: drawn by one function, whatever they are about.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    card::initial,
    note::Tone,
    pill::Pill,
    time::{Moment, Time},
};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    pub text: String,
    /// The path that the text leads to.
    pub to: Option<String>,
    /// The text is a state, of this colour.
    pub tone: Option<Tone>,
    /// Stands in place of the text.
    pub at: Option<Moment>,
    /// A state behind it.
    pub also: Option<(Tone, String)>,
    /// Below it.
    pub hint: Option<String>,
}

impl Cell {
    pub fn at(at: impl Into<Moment>) -> Self {
        Self { at: Some(at.into()), ..Self::default() }
    }

    pub fn state(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Some(tone), ..Self::default() }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

/// A row that leads to the page of somebody, or of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub id: String,
    pub title: String,
    /// What tells it from others of its name; may be empty.
    pub text: String,
    /// The path of its page.
    pub to: String,
    pub cells: Vec<Cell>,
    /// It is in what it could be chosen for.
    pub is_in: bool,
}

/// A row for [`super::table::Table`]; its first cell names it. `columns` are the heads.
pub fn row(cells: Vec<Cell>, columns: &[&'static str]) -> AnyView {
    let mut cells = cells.into_iter();
    let head = cells.next().map(content);
    view! { <tr><th scope="row">{head}</th>{labelled(cells.collect(), columns)}</tr> }.into_any()
}

/// The same of a line, between the cell that chooses it and the one of what can be done to it.
pub fn line(line: Line, columns: &[&'static str], select: Option<AnyView>, act: Option<AnyView>) -> AnyView {
    let Line { title, text, to, cells, .. } = line;
    view! {
        <tr>
            {select}
            <th scope="row">
                <span class="person">
                    <span class="avatar" aria-hidden="true">{initial(&title)}</span>
                    <span>
                        <a href=to>{title}</a>
                        {(!text.is_empty()).then(|| view! { <span class="hint person-mail">{text}</span> })}
                    </span>
                </span>
            </th>
            {labelled(cells, columns)}
            {act.map(|act| view! { <td>{act}</td> })}
        </tr>
    }
    .into_any()
}

/// Those behind the first; each is told what its column is, for where that stands out of sight.
fn labelled(cells: Vec<Cell>, columns: &[&'static str]) -> Vec<AnyView> {
    let cells = cells.into_iter().zip(&columns[1..]);
    cells.map(|(cell, column)| view! { <td data-label=*column>{content(cell)}</td> }.into_any()).collect()
}

fn content(cell: Cell) -> AnyView {
    let Cell { text, to, tone, at, also, hint } = cell;
    let main = match (at, to, tone) {
        (Some(at), ..) => view! { <Time at/> }.into_any(),
        (_, Some(to), _) => view! { <a href=to>{text}</a> }.into_any(),
        (.., Some(tone)) => view! { <Pill tone text/> }.into_any(),
        _ => text.into_any(),
    };
    let main = match also {
        Some((tone, text)) => view! { <span>{main} " " <Pill tone text/></span> }.into_any(),
        None => main,
    };
    view! { {main} {hint.map(|hint| view! { <p class="hint">{hint}</p> })} }.into_any()
}
