//! Cells of a table whose words come from the server: drawn by one function, whatever they are about.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
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
    /// Below it.
    pub hint: Option<String>,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

/// A row for [`super::table::Table`]; its first cell names it.
pub fn row(cells: Vec<Cell>) -> AnyView {
    let cells = cells
        .into_iter()
        .enumerate()
        .map(|(index, cell)| {
            let content = content(cell);
            if index == 0 {
                view! { <th scope="row">{content}</th> }.into_any()
            } else {
                view! { <td>{content}</td> }.into_any()
            }
        })
        .collect_view();
    view! { <tr>{cells}</tr> }.into_any()
}

fn content(cell: Cell) -> AnyView {
    let Cell { text, to, tone, at, hint } = cell;
    let main = match (at, to, tone) {
        (Some(at), ..) => view! { <Time at/> }.into_any(),
        (_, Some(to), _) => view! { <a href=to>{text}</a> }.into_any(),
        (.., Some(tone)) => view! { <Pill tone text/> }.into_any(),
        _ => text.into_any(),
    };
    view! { {main} {hint.map(|hint| view! { <p class="hint">{hint}</p> })} }.into_any()
}
