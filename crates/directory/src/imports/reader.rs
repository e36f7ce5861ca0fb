//! Reads a list of people: separated values as spreadsheets write them (RFC 4180, and what strays from it).
//!
//! What is wrong with the file as a whole is an [`Unreadable`]; what is wrong with a line stands beside that line, with
//! its number, and the others are read all the same.

use std::collections::{HashMap, HashSet};

use csv::ByteRecord;
use domain::{
    group::GroupInput,
    limits,
    user::UserInput,
    validation::{is_mail, name_key},
};
use serde::{Deserialize, Serialize};

/// The columns, as the first line names them.
pub const COLUMNS: &str = "username, givenname, familyname, email, groups";

const GROUP_SEPARATOR: char = '|';
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
/// Characters kept of a value that is too long to be one.
const SHOWN: usize = 100;

/// What one line says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Values {
    pub user_name: String,
    pub given_name: String,
    pub family_name: String,
    pub email: String,
    pub groups: Vec<String>,
}

impl Values {
    /// Whom it describes.
    pub fn input(&self) -> UserInput {
        UserInput::basic(&self.user_name, &self.given_name, &self.family_name, &self.email)
    }
}

/// One line that is neither the header nor blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it begins, from 1.
    pub line: u64,
    /// Of a line that cannot be read, what can be shown of it.
    pub values: Values,
    /// Why nobody can come of it, in sentences.
    pub problem: Option<String>,
}

/// Why a list cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("There is nobody in it: it needs a first line that names the columns, and a line for each person.")]
    Empty,
    #[error("It has more than {} people. Import them in several parts.", limits::IMPORT_LINES)]
    TooMany,
    #[error("It is larger than 5 MB. Import it in several parts.")]
    TooLarge,
    #[error("It is written in UTF-16. Save it as “CSV UTF-8” and choose it again.")]
    Utf16,
    #[error("It is no text: it holds bytes that no list has. Save it as CSV and choose it again.")]
    Binary,
    #[error("Line {line}: the first line has to name the columns ({COLUMNS}), in any order; “username” is not there.")]
    NoUserName { line: u64 },
    #[error("Line {line}: there is no column “{name}”. Known are {COLUMNS}; take the others out.")]
    UnknownColumn { line: u64, name: String },
    #[error("Line {line}: the column “{name}” is there twice.")]
    TwiceTheColumn { line: u64, name: &'static str },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Column {
    UserName,
    GivenName,
    FamilyName,
    Email,
    Groups,
    /// Without a name: spreadsheets leave such at the end.
    Nameless,
}

impl Column {
    fn of(name: &str) -> Option<Self> {
        let letters: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        match letters.as_str() {
            "username" | "login" => Some(Self::UserName),
            "givenname" | "firstname" => Some(Self::GivenName),
            "familyname" | "lastname" | "surname" => Some(Self::FamilyName),
            "email" | "emailaddress" | "mail" => Some(Self::Email),
            "groups" | "group" => Some(Self::Groups),
            "" if name.is_empty() => Some(Self::Nameless),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::UserName => "username",
            Self::GivenName => "givenname",
            Self::FamilyName => "familyname",
            Self::Email => "email",
            Self::Groups => "groups",
            Self::Nameless => "",
        }
    }
}

/// Reads a whole list. Nothing in it makes this panic, and it holds one line at a time beside what it answers.
pub fn read(bytes: &[u8]) -> Result<Vec<Entry>, Unreadable> {
    let text = text(bytes)?;
    let mut records = Records::of(text);
    let Some((line, header)) = records.next_filled() else { return Err(Unreadable::Empty) };
    let columns = columns(line, &header)?;
    let mut entries = Vec::new();
    let mut seen = HashMap::new();
    while let Some((line, record)) = records.next_filled() {
        if entries.len() == limits::IMPORT_LINES {
            return Err(Unreadable::TooMany);
        }
        entries.push(entry(line, &record, &columns, &mut seen));
    }
    if entries.is_empty() { Err(Unreadable::Empty) } else { Ok(entries) }
}

/// Without the mark that Windows puts before UTF-8.
fn text(bytes: &[u8]) -> Result<&[u8], Unreadable> {
    if bytes.len() > limits::IMPORT_FILE {
        return Err(Unreadable::TooLarge);
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Unreadable::Utf16);
    }
    let text = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    if text.contains(&0) { Err(Unreadable::Binary) } else { Ok(text) }
}

/// The records of a text, each with the line that it begins on.
struct Records<'t> {
    text: &'t [u8],
    reader: csv::Reader<&'t [u8]>,
    /// Up to where lines are counted.
    counted: usize,
    line: u64,
}

impl<'t> Records<'t> {
    fn of(text: &'t [u8]) -> Self {
        let reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter(text)).from_reader(text);
        Self { text, reader, counted: 0, line: 1 }
    }

    /// The next record that holds anything; spreadsheets write lines of nothing but delimiters.
    fn next_filled(&mut self) -> Option<(u64, ByteRecord)> {
        loop {
            let mut record = ByteRecord::new();
            // Read from memory, of any length and in any encoding: there is nothing that it could stumble over.
            if !self.reader.read_byte_record(&mut record).ok()? {
                return None;
            }
            let begins = record.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or(self.counted);
            let line = self.line_at(begins);
            if record.iter().any(|value| !value.trim_ascii().is_empty()) {
                return Some((line, record));
            }
        }
    }

    /// The line of the first byte from here on that ends none. The reader's own number is that of the blank lines before.
    fn line_at(&mut self, from: usize) -> u64 {
        let blank = self.text[from..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = &self.text[self.counted..from + blank];
        let ends = passed.iter().enumerate().filter(|(index, byte)| {
            // A lone carriage return ends a line too; with a line feed after it, they end one together.
            **byte == b'\n' || (**byte == b'\r' && self.text.get(self.counted + index + 1) != Some(&b'\n'))
        });
        self.line += u64::try_from(ends.count()).unwrap_or_default();
        self.counted = from + blank;
        self.line
    }
}

/// What the first line separates its names with.
fn delimiter(text: &[u8]) -> u8 {
    let start = text.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(0);
    let mut quoted = false;
    let mut counts = [0_usize; DELIMITERS.len()];
    for byte in &text[start..] {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted => break,
            byte if !quoted => {
                if let Some(index) = DELIMITERS.iter().position(|delimiter| delimiter == byte) {
                    counts[index] += 1;
                }
            }
            _ => {}
        }
    }
    let most = counts.iter().copied().max().unwrap_or_default();
    // The comma where none is there.
    DELIMITERS.into_iter().zip(counts).find(|(_, count)| *count == most).map_or(b',', |(delimiter, _)| delimiter)
}

fn columns(line: u64, header: &ByteRecord) -> Result<Vec<Column>, Unreadable> {
    let mut columns = Vec::new();
    let mut unknown = None;
    for name in header {
        let name = String::from_utf8_lossy(name);
        let name = name.trim();
        match Column::of(name) {
            Some(column) if column != Column::Nameless && columns.contains(&column) => {
                return Err(Unreadable::TwiceTheColumn { line, name: column.name() });
            }
            Some(column) => columns.push(column),
            None => {
                unknown.get_or_insert_with(|| shortened(name));
                columns.push(Column::Nameless);
            }
        }
    }
    // First what most likely is so: that there is no header at all.
    if !columns.contains(&Column::UserName) {
        return Err(Unreadable::NoUserName { line });
    }
    match unknown {
        Some(name) => Err(Unreadable::UnknownColumn { line, name }),
        None => Ok(columns),
    }
}

fn entry(line: u64, record: &ByteRecord, columns: &[Column], seen: &mut HashMap<String, u64>) -> Entry {
    let mut problems = Vec::new();
    if record.iter().any(|value| std::str::from_utf8(value).is_err()) {
        problems.push("It is not written in UTF-8: save the list as “CSV UTF-8”.".to_owned());
    }
    if record.iter().any(|value| value.trim_ascii().iter().any(|byte| matches!(byte, b'\r' | b'\n'))) {
        problems.push("A value goes on over the end of its line: perhaps a quotation mark is not closed.".to_owned());
    }
    if let Some(problem) = misplaced(record, columns) {
        problems.push(problem);
    }
    let values = values(record, columns);
    let valid = problems.is_empty();
    if valid {
        problems.extend(wrong(&values));
    }
    let key = name_key(&values.user_name);
    if valid && !key.is_empty() {
        match seen.get(&key) {
            Some(first) => problems.push(format!("This user name stands on line {first} already.")),
            None => drop(seen.insert(key, line)),
        }
    }
    if problems.is_empty() {
        return Entry { line, values, problem: None };
    }
    Entry { line, values: to_show(values), problem: Some(problems.join(" ")) }
}

/// Values where no column is, or columns without a value.
fn misplaced(record: &ByteRecord, columns: &[Column]) -> Option<String> {
    let named = columns.iter().rposition(|column| *column != Column::Nameless).map_or(0, |last| last + 1);
    let filled = record.iter().rposition(|value| !value.trim_ascii().is_empty()).map_or(0, |last| last + 1);
    let values = if filled > named { filled } else { record.len().min(named) };
    let nameless =
        columns.iter().zip(record).any(|(column, value)| *column == Column::Nameless && !value.trim_ascii().is_empty());
    if values == named && !nameless {
        return None;
    }
    let (values, named) = (counted(values, "value"), counted(named, "column"));
    Some(format!("It has {values}, where the first line names {named}."))
}

fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

fn values(record: &ByteRecord, columns: &[Column]) -> Values {
    let mut values = Values::default();
    for (column, value) in columns.iter().zip(record) {
        let value = String::from_utf8_lossy(value);
        let value = value.trim();
        match column {
            Column::UserName => value.clone_into(&mut values.user_name),
            Column::GivenName => value.clone_into(&mut values.given_name),
            Column::FamilyName => value.clone_into(&mut values.family_name),
            Column::Email => value.clone_into(&mut values.email),
            Column::Groups => values.groups = groups(value),
            Column::Nameless => {}
        }
    }
    values
}

/// Each once, however it is written.
fn groups(value: &str) -> Vec<String> {
    let mut keys = HashSet::new();
    let names = value.split(GROUP_SEPARATOR).map(str::trim).filter(|name| !name.is_empty());
    names.filter(|name| keys.insert(name_key(name))).map(str::to_owned).collect()
}

/// What keeps these values from becoming a user, whoever is there already.
fn wrong(values: &Values) -> Vec<String> {
    let mut problems = Vec::new();
    if let Err(errors) = values.input().check() {
        problems.extend(errors.0.into_iter().map(|(field, message)| match field.as_str() {
            "emails" => format!("email: {message}"),
            "name" => format!("givenname or familyname: {message}"),
            _ => message,
        }));
    }
    if !values.email.is_empty() && !is_mail(&values.email) {
        problems.push(format!("“{}” is no mail address.", shortened(&values.email)));
    }
    if values.groups.len() > limits::IMPORT_GROUPS {
        problems.push(format!("It names more than {} groups.", limits::IMPORT_GROUPS));
    }
    for name in &values.groups {
        let input = GroupInput { display_name: name.clone(), external_id: None };
        if let Err(errors) = input.check() {
            problems.push(format!("Group “{}”: {}", shortened(name), errors.get("displayName").unwrap_or_default()));
            break;
        }
    }
    problems
}

/// A line that cannot come is kept to be looked at, not to be used: an open quotation mark may make it megabytes long.
fn to_show(values: Values) -> Values {
    let Values { user_name, given_name, family_name, email, groups } = values;
    Values {
        user_name: shortened(&user_name),
        given_name: shortened(&given_name),
        family_name: shortened(&family_name),
        email: shortened(&email),
        groups: groups.iter().take(limits::IMPORT_GROUPS).map(|name| shortened(name)).collect(),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: &str = "username,givenname,familyname,email,groups";

    fn list(text: &str) -> Vec<Entry> {
        read(text.as_bytes()).unwrap()
    }

    fn below_the_header(lines: &str) -> Vec<Entry> {
        list(&format!("{HEADER}\n{lines}"))
    }

    #[track_caller]
    fn problem(lines: &str) -> String {
        let mut entries = below_the_header(lines);
        assert_eq!(entries.len(), 1, "{entries:?}");
        entries.remove(0).problem.unwrap_or_default()
    }

    fn ada() -> Values {
        Values {
            user_name: "ada".to_owned(),
            given_name: "Ada".to_owned(),
            family_name: "Lovelace".to_owned(),
            email: "ada@example.org".to_owned(),
            groups: vec!["Analysts".to_owned(), "Guides".to_owned()],
        }
    }

    #[test]
    fn a_list_is_read_however_a_spreadsheet_writes_it() {
        for text in [
            "username,givenname,familyname,email,groups\nada,Ada,Lovelace,ada@example.org,Analysts|Guides\n",
            "\u{feff}username,givenname,familyname,email,groups\r\nada,Ada,Lovelace,ada@example.org,Analysts|Guides",
            "Groups;E-Mail;User Name;Last name;first_name\rAnalysts|Guides;ada@example.org;ada;Lovelace;Ada\r",
            "username\tgivenname\tfamilyname\temail\tgroups\nada\tAda\tLovelace\tada@example.org\tAnalysts|Guides\n",
            "\n\n\"username\",\"givenname\",familyname,email,groups,,\n,,,,,,\n  \n\
             \"ada\", Ada ,\"Lovelace\",ada@example.org,\" Analysts | Guides || analysts\",,\n,,,,\n",
        ] {
            let entries = list(text);
            assert_eq!(entries.len(), 1, "{text:?}: {entries:?}");
            assert_eq!((&entries[0].values, &entries[0].problem), (&ada(), &None), "{text:?}");
        }
    }

    #[test]
    fn quotation_marks_hold_delimiters_and_themselves() {
        let entries = below_the_header("ada,\"Ada \"\"the first\"\"\",\"Lovelace, Countess\",,\n");
        assert_eq!(entries[0].values.given_name, "Ada \"the first\"");
        assert_eq!(entries[0].values.family_name, "Lovelace, Countess");
        assert_eq!(entries[0].problem, None);
    }

    #[test]
    fn a_list_may_name_users_alone() {
        let entries = list("username\nada\ngrace\n");
        assert_eq!(entries.iter().map(|entry| entry.values.user_name.as_str()).collect::<Vec<_>>(), ["ada", "grace"]);
        assert!(entries[0].values.input().check().is_ok());
    }

    #[test]
    fn each_line_keeps_its_number() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["", HEADER, "", "ada,,,,", "", "", ",,,,", "grace,\"a\nb\",,,", "joan,,,,"].join(end);
            let lines: Vec<u64> = list(&text).iter().map(|entry| entry.line).collect();
            assert_eq!(lines, [4, 8, 10], "{end:?}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said_beside_it() {
        for (line, said) in [
            (",Ada,,,", "A user name is required."),
            ("ada,,,no address,", "“no address” is no mail address."),
            ("ada,Ada,Lovelace", "It has 3 values, where the first line names 5 columns."),
            ("ada,,,,,more", "It has 6 values, where the first line names 5 columns."),
            ("ada,\"A\nda\",,,", "quotation mark is not closed"),
            ("ada,\"open,,,\ngrace,,,,", "quotation mark is not closed"),
            ("a\u{7}da,,,,", "control characters"),
        ] {
            assert!(problem(line).contains(said), "{line:?}: {}", problem(line));
        }
        let long = format!("{},,,,", "a".repeat(limits::USER_NAME + 1));
        assert!(problem(&long).contains("at most 256 characters"), "{}", problem(&long));
        let long = format!("ada,{},,,", "a".repeat(limits::ATTRIBUTE + 1));
        assert!(problem(&long).contains("givenname or familyname: Each value has at most"), "{}", problem(&long));
        let many: Vec<String> = (0..=limits::IMPORT_GROUPS).map(|number| format!("g{number}")).collect();
        assert!(problem(&format!("ada,,,,{}", many.join("|"))).contains("more than 50 groups"));
        assert!(problem(&format!("ada,,,,{}", "g".repeat(limits::GROUP_NAME + 1))).contains("A group's name has"));
    }

    #[test]
    fn who_stands_there_twice_comes_once() {
        let entries = below_the_header("ada,,,,\ngrace,,,,\n ADA ,,,,\n");
        let problems: Vec<Option<&str>> = entries.iter().map(|entry| entry.problem.as_deref()).collect();
        assert_eq!(problems, [None, None, Some("This user name stands on line 2 already.")]);
    }

    #[test]
    fn one_line_in_another_encoding_spoils_no_other() {
        let entries = read(b"username,familyname\nada,Lovelace\ngrace,M\xfcller\njoan,Clarke\n").unwrap();
        assert!(entries[0].problem.is_none() && entries[2].problem.is_none());
        assert!(entries[1].problem.as_deref().is_some_and(|problem| problem.contains("UTF-8")), "{:?}", entries[1]);
    }

    #[test]
    fn what_is_no_list_is_refused_whole() {
        for (text, said) in [
            (&b""[..], "nobody in it"),
            (b"\n\n,,\n", "nobody in it"),
            (b"username,email\n", "nobody in it"),
            (b"ada,Ada,Lovelace\n", "has to name the columns"),
            (b"\n\nemail,groups\nada@example.org,\n", "Line 3: the first line has to name the columns"),
            (b"username,phone\nada,1\n", "there is no column “phone”"),
            (b"username,login\nada,ada\n", "“username” is there twice"),
            (b"\xff\xfeu\0s\0", "UTF-16"),
            (b"PK\x03\x04\0\0", "is no text"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_list_has_its_bounds() {
        let lines = |count: usize| {
            let lines: Vec<String> = (0..count).map(|number| format!("user{number}")).collect();
            format!("username\n{}\n", lines.join("\n"))
        };
        assert_eq!(list(&lines(limits::IMPORT_LINES)).len(), limits::IMPORT_LINES);
        assert_eq!(read(lines(limits::IMPORT_LINES + 1).as_bytes()), Err(Unreadable::TooMany));
        assert_eq!(read(&vec![b'a'; limits::IMPORT_FILE + 1]), Err(Unreadable::TooLarge));
    }

    #[test]
    fn an_open_quotation_mark_does_not_keep_megabytes() {
        let entries = below_the_header(&format!("ada,\"{}", "x,\n".repeat(100_000)));
        assert_eq!(entries.len(), 1);
        let kept = entries[0].values.given_name.chars().count();
        assert!(kept <= SHOWN + 1, "{kept}");
    }

    /// Bytes of which most lists are made, so that quotation marks and ends of lines meet.
    fn lists() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            4 => Just(b"username".to_vec()),
            4 => "[a-z@|. ]{0,4}".prop_map(String::into_bytes),
            6 => prop::sample::select(vec![&b","[..], b";", b"\t", b"\"", b"\r", b"\n", b"\r\n", b"\""])
                .prop_map(<[u8]>::to_vec),
            1 => prop::collection::vec(any::<u8>(), 0..4),
        ];
        prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn nothing_breaks_the_reader_and_lines_rise(body in lists(), headed in any::<bool>()) {
            let mut text = if headed { b"username,email\n".to_vec() } else { Vec::new() };
            text.extend(body);
            let most = u64::try_from(text.iter().filter(|byte| matches!(byte, b'\r' | b'\n')).count()).unwrap() + 1;
            match read(&text) {
                Ok(entries) => {
                    for entry in &entries {
                        prop_assert!((2..=most).contains(&entry.line), "{:?}", entry);
                        if entry.problem.is_none() {
                            prop_assert!(entry.values.input().check().is_ok(), "{:?}", entry);
                        }
                    }
                    prop_assert!(entries.windows(2).all(|two| two[0].line < two[1].line), "{:?}", entries);
                    let good = entries.iter().filter(|entry| entry.problem.is_none());
                    let mut keys = HashSet::new();
                    prop_assert!(good.into_iter().all(|entry| keys.insert(name_key(&entry.values.user_name))));
                }
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
        }

        #[test]
        fn what_was_written_is_read_back(
            people in prop::collection::vec(("[a-zA-Z\"',; é-]{1,12}", "[\"',;| é-]{0,12}[a-z]"), 1..20),
            delimiter in prop::sample::select(vec![b',', b';', b'\t']),
        ) {
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
            writer.write_record(["familyname", "username"]).unwrap();
            for (number, (user, family)) in people.iter().enumerate() {
                writer.write_record([family.as_str(), &format!("{user}{number}")]).unwrap();
            }
            let entries = read(&writer.into_inner().unwrap()).unwrap();
            prop_assert_eq!(entries.len(), people.len());
            for (number, (entry, (user, family))) in entries.iter().zip(&people).enumerate() {
                prop_assert_eq!(&entry.problem, &None);
                let user = format!("{user}{number}");
                prop_assert_eq!(&entry.values.user_name, user.trim());
                prop_assert_eq!(&entry.values.family_name, family.trim());
            }
        }
    }
}
