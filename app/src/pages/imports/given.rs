//! The list as it is given: a file, or pasted text.

use directory::Error;
use domain::validation::FieldErrors;

use super::upload::{File, Upload};
use crate::{error::ConsoleError, outcome::Outcome, routes::Page, ssr};

const TOO_LARGE: &str = "The file is larger than 5 MB. Import it in several parts.";

pub(super) async fn read(text: String) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise()?;
    let Upload { file, fields_too_large } = uploaded();
    if fields_too_large {
        return Ok(Outcome::invalid("text", "A pasted list has at most 64 kB. Save it as a file and choose that."));
    }
    let (field, read) = match file {
        Some(_) if !text.trim().is_empty() => {
            return Ok(Outcome::invalid("file", "Paste a list or choose a file, not both: empty one of the two."));
        }
        Some(File { bytes: None, .. }) => return Ok(Outcome::invalid("file", TOO_LARGE)),
        Some(File { name, bytes: Some(bytes) }) => ("file", directory.read_import(&who, &name, bytes).await),
        None if text.trim().is_empty() => return Ok(Outcome::invalid("text", "Paste a list, or choose a file.")),
        None => ("text", directory.read_import(&who, "", text.into_bytes().into()).await),
    };
    // What cannot be read is told beside where it came from.
    let read = read.map_err(|error| match error {
        Error::Invalid(FieldErrors(errors)) => {
            Error::Invalid(FieldErrors::of(field, errors.into_values().collect::<Vec<_>>().join(" ")))
        }
        error => error,
    });
    ssr::outcome(read, |id| Outcome::go(&Page::Import(id)))
}

fn uploaded() -> Upload {
    ssr::parts().and_then(|parts| parts.extensions.get().cloned()).unwrap_or_default()
}
