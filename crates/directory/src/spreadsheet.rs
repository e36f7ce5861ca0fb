//! Files that people open in a spreadsheet.

use csv::{Terminator, WriterBuilder};

/// One row of a CSV file (RFC 4180), harmless in a spreadsheet.
pub fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    // Memory takes whatever is written to it.
    let _ = writer.write_record(cells.into_iter().map(harmless));
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// What a spreadsheet would take for a formula gets an apostrophe before it, which makes it text there: names come from
/// outside.
fn harmless(cell: &str) -> String {
    let calculates = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if calculates { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_has_to_be() {
        assert_eq!(row(["a", "b \"c\"", "d\ne,f", ""]), "a,\"b \"\"c\"\"\",\"d\ne,f\",\r\n");
    }

    #[test]
    fn no_spreadsheet_finds_a_formula() {
        for formula in ["=HYPERLINK(\"x\")", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"] {
            let text = row([formula, "ada=1"]);
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let record = reader.records().next().unwrap().unwrap();
            assert_eq!((&record[0], &record[1]), (format!("'{formula}").as_str(), "ada=1"));
        }
    }
}
