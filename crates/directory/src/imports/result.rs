//! The result of an import as a file: what became of each line.

use super::{Import, Line, RowState, Stage};
use crate::spreadsheet::row;

const COLUMNS: [&str; 5] = ["line", "username", "outcome", "reason", "id"];

/// A page of lines as a file has them; the first page opens with the names of the columns.
pub fn written(import: &Import, lines: &[Line], first: bool) -> Vec<u8> {
    // Spreadsheets take a file for UTF-8 by this mark alone.
    let mut text = if first { format!("\u{feff}{}", row(COLUMNS)) } else { String::new() };
    text.extend(lines.iter().map(|line| {
        row([
            line.line.to_string().as_str(),
            &line.values.user_name,
            outcome(import, line.state),
            line.reason.as_deref().filter(|_| is_told(import, line.state)).unwrap_or_default(),
            &line.user_id.filter(|_| line.state == RowState::Created).map(|id| id.to_string()).unwrap_or_default(),
        ])
    }));
    text.into_bytes()
}

fn comes(import: &Import, state: RowState) -> bool {
    state == RowState::Good || (state == RowState::Groupless && import.create_groups)
}

fn outcome(import: &Import, state: RowState) -> &'static str {
    match state {
        RowState::Created => "created",
        RowState::Failed => "failed",
        RowState::Asked => "pending",
        _ if import.stage == Stage::Preview => "pending",
        _ if !comes(import, state) => "left out",
        _ if import.stage == Stage::Cancelled => "not begun",
        _ => "pending",
    }
}

/// That a group was missing matters no more once it is to be made.
fn is_told(import: &Import, state: RowState) -> bool {
    !comes(import, state)
}

#[cfg(test)]
mod tests {
    use domain::{ImportId, Timestamp, UserId};
    use uuid::Uuid;

    use super::*;
    use crate::imports::{Counts, Values};

    fn import(stage: Stage, create_groups: bool) -> Import {
        let now = Timestamp::from_micros(0);
        Import {
            id: ImportId(Uuid::nil()),
            actor: storage::audit::Actor::usher(),
            source: String::new(),
            stage,
            create_groups,
            counts: Counts::default(),
            created_at: now,
            started_at: None,
            finished_at: None,
            expires_at: now,
        }
    }

    fn line(number: i64, user_name: &str, state: RowState, reason: Option<&str>) -> Line {
        Line {
            number,
            line: number + 1,
            state,
            user_id: Some(UserId(Uuid::from_u128(7))),
            values: Values { user_name: user_name.to_owned(), ..Values::default() },
            reason: reason.map(str::to_owned),
        }
    }

    fn text(import: &Import, lines: &[Line]) -> String {
        String::from_utf8(written(import, lines, false)).unwrap()
    }

    #[test]
    fn each_line_has_its_outcome() {
        let lines = [
            line(1, "ada", RowState::Created, None),
            line(2, "grace", RowState::Failed, Some("Acme: no licence left, \"Standard\"")),
            line(3, "joan", RowState::Bad, Some("A user name is required.")),
            line(4, "hedy", RowState::Groupless, Some("There is no group “X”.")),
            line(5, "radia", RowState::Good, None),
        ];
        assert_eq!(
            text(&import(Stage::Cancelled, false), &lines),
            "2,ada,created,,00000000-0000-0000-0000-000000000007\r\n\
             3,grace,failed,\"Acme: no licence left, \"\"Standard\"\"\",\r\n\
             4,joan,left out,A user name is required.,\r\n\
             5,hedy,left out,There is no group “X”.,\r\n\
             6,radia,not begun,,\r\n"
        );
        assert_eq!(text(&import(Stage::Running, true), &lines[3..4]), "5,hedy,pending,,\r\n");
    }

    #[test]
    fn the_first_page_names_the_columns() {
        let bytes = written(&import(Stage::Done, false), &[], true);
        assert_eq!(String::from_utf8(bytes).unwrap(), "\u{feff}line,username,outcome,reason,id\r\n");
    }
}
