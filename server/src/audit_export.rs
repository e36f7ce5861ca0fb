//! The audit trail as a file: CSV for people with a spreadsheet, JSON lines for programs.
//!
//! It is read and written page by page, so that it takes as much memory as one of them, however many events there are;
//! between two pages it holds nothing of the database.

use std::str::FromStr;

use auth::{Authorised, grants::AuditRead};
use directory::{
    Directory,
    audit::{Event, Matching, NAMES, Place},
    spreadsheet::row,
};

use crate::http::api::audit;

/// Events of one export from the console.
pub(crate) const MOST: usize = 1_000_000;
/// Events read at once.
const PAGE: usize = 500;
const HEAD: &str = "number,time,actor_kind,actor,actor_id,address,action,subject_kind,subject,subject_id,details\r\n";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    JsonLines,
}

impl Format {
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::JsonLines => "application/jsonl; charset=utf-8",
        }
    }

    fn line(self, event: Event) -> String {
        match self {
            Self::Csv => csv(&event),
            Self::JsonLines => json_line(event),
        }
    }

    /// Says in the file itself that it does not hold all.
    fn cut(self, note: &str) -> String {
        match self {
            Self::Csv => row(["", "", "", "", "", "", "export.cut", "", note, "", ""]),
            Self::JsonLines => format!("{}\n", serde_json::json!({ "action": "export.cut", "note": note })),
        }
    }
}

impl FromStr for Format {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Csv, Self::JsonLines].into_iter().find(|format| format.extension() == text).ok_or(())
    }
}

/// An export under way.
#[derive(Debug)]
pub(crate) struct Export {
    directory: Directory,
    who: Authorised<AuditRead>,
    matching: Matching,
    format: Format,
    most: usize,
    written: usize,
    stand: Stand,
}

/// Where an export stands.
#[derive(Debug)]
enum Stand {
    Start,
    Before(Place),
    End,
}

impl Export {
    pub(crate) fn new(
        directory: Directory,
        who: Authorised<AuditRead>,
        matching: Matching,
        format: Format,
        most: usize,
    ) -> Self {
        Self { directory, who, matching, format, most, written: 0, stand: Stand::Start }
    }

    /// The next piece of the file; none at its end.
    pub(crate) async fn piece(&mut self) -> directory::Result<Option<String>> {
        let mut text = String::new();
        if matches!(self.stand, Stand::Start) && self.format == Format::Csv {
            text.push_str(HEAD);
        }
        loop {
            let before = match std::mem::replace(&mut self.stand, Stand::End) {
                Stand::Start => None,
                Stand::Before(place) => Some(place),
                Stand::End => break,
            };
            let limit = PAGE.min(self.most - self.written);
            if limit == 0 {
                let note = format!("Cut off after {} events: narrow the time and export the rest.", self.most);
                text.push_str(&self.format.cut(&note));
                break;
            }
            let found = self.directory.find_events(&self.who, &self.matching, before, limit).await?;
            self.stand = found.next.map_or(Stand::End, Stand::Before);
            self.written += found.entries.len();
            text.extend(found.entries.into_iter().map(|event| self.format.line(event)));
            if found.more_names && matches!(self.stand, Stand::End) {
                let note = format!("More than {NAMES} names begin so: this is of the first {NAMES}. Write more of it.");
                text.push_str(&self.format.cut(&note));
            }
            if !text.is_empty() {
                break;
            }
        }
        Ok(Some(text).filter(|text| !text.is_empty()))
    }
}

fn json_line(event: Event) -> String {
    let line = serde_json::to_string(&audit::Event::from(event)).unwrap_or_default();
    format!("{line}\n")
}

fn csv(event: &Event) -> String {
    let id = |id: Option<uuid::Uuid>| id.map_or_else(String::new, |id| id.to_string());
    let cells = [
        &event.seq.to_string(),
        &event.at.to_string(),
        &event.actor_kind,
        &event.actor_label,
        &id(event.actor_id),
        &event.address,
        &event.action,
        &event.subject_kind,
        &event.subject_label,
        &id(event.subject_id),
        &event.details.to_string(),
    ];
    row(cells.map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_known_by_its_extension() {
        assert_eq!("csv".parse(), Ok(Format::Csv));
        assert_eq!("jsonl".parse(), Ok(Format::JsonLines));
        assert_eq!("xlsx".parse::<Format>(), Err(()));
    }
}
