//! The result of an import as a file: what became of each line.

use csv::{QuoteStyle, Writer, WriterBuilder};

use super::{Import, Line, RowState, Stage};

/// A page of lines as a file has them; the first page opens with the names of the columns.
pub fn written(import: &Import, lines: &[Line], first: bool) -> Vec<u8> {
    let mut writer = WriterBuilder::new().quote_style(QuoteStyle::Necessary).from_writer(Vec::new());
    if first {
        record(&mut writer, ["line", "username", "outcome", "reason", "id"]);
    }
    for line in lines {
        record(
            &mut writer,
            [
                &line.line.to_string(),
                &harmless(&line.values.user_name),
                outcome(import, line.state),
                &harmless(line.reason.as_deref().filter(|_| is_told(import, line.state)).unwrap_or_default()),
                &line.user_id.filter(|_| line.state == RowState::Created).map(|id| id.to_string()).unwrap_or_default(),
            ],
        );
    }
    // Spreadsheets take a file for UTF-8 by this mark alone.
    let mut bytes = if first { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
    bytes.extend(writer.into_inner().unwrap_or_default());
    bytes
}

/// Memory takes whatever is written to it.
fn record(writer: &mut Writer<Vec<u8>>, values: [&str; 5]) {
    let _ = writer.write_record(values);
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

/// A value that a spreadsheet would take for a formula gets an apostrophe before it, which makes it text there.
fn harmless(value: &str) -> String {
    let risky = value.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    if risky { format!("'{value}") } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use domain::{ImportId, Timestamp, UserId};
    use uuid::Uuid;

    use super::*;
    use crate::imports::{Counts, Values};

    fn import(stage: Stage, create_groups: bool) -> Import {
        let now = Timestamp::from_micros(0);
        let actor = storage::audit::Actor { kind: "system", id: None, label: String::new(), address: String::new() };
        Import {
            id: ImportId(Uuid::nil()),
            actor,
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
            "2,ada,created,,00000000-0000-0000-0000-000000000007\n\
             3,grace,failed,\"Acme: no licence left, \"\"Standard\"\"\",\n\
             4,joan,left out,A user name is required.,\n\
             5,hedy,left out,There is no group “X”.,\n\
             6,radia,not begun,,\n"
        );
        assert_eq!(text(&import(Stage::Running, true), &lines[3..4]), "5,hedy,pending,,\n");
    }

    #[test]
    fn the_first_page_names_the_columns() {
        let bytes = written(&import(Stage::Done, false), &[], true);
        assert_eq!(String::from_utf8(bytes).unwrap(), "\u{feff}line,username,outcome,reason,id\n");
    }

    #[test]
    fn no_spreadsheet_finds_a_formula() {
        for name in ["=HYPERLINK(\"x\")", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"] {
            let text = text(&import(Stage::Done, false), &[line(1, name, RowState::Failed, Some(name))]);
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let record = reader.records().next().unwrap().unwrap();
            assert_eq!((&record[1], &record[3]), (format!("'{name}").as_str(), format!("'{name}").as_str()));
        }
    }
}
