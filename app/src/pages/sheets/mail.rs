//! Settings → Mail: the templates, each with its preview.

use std::collections::BTreeMap;

use auth::grants::SettingsRead;
use directory::mails::{NOT_SET_UP, Templates};
use domain::{
    config::{ConfigSchema, Control},
    mail::{Kind, Template},
};

use super::{
    describe::{field, kept, read, save as save_setting, schema, sheet},
    view::{Card, Sheet},
};
use crate::{error::ConsoleError, outcome::Outcome, routes::Page, ssr};

fn described(kind: Kind) -> ConfigSchema {
    let words: Vec<String> = kind.placeholders().iter().map(|name| format!("{{{{{name}}}}}")).collect();
    let mut subject = field("subject", "Subject", Control::Text, "");
    let hint = format!(
        "Stands in for what is known when the mail goes out: {}. A line with {{{{link}}}} alone becomes a button.",
        words.join(", ")
    );
    let mut text = field("text", "Text", Control::Lines, &hint);
    (subject.required, text.required) = (true, true);
    schema(kind.label(), kind.occasion(), vec![subject, text])
}

pub(super) async fn show() -> Result<Sheet, ConsoleError> {
    let (directory, _) = ssr::authorise::<SettingsRead>()?;
    let mut sheet = sheet("Mail templates", "", schema("", "", Vec::new()), &[]);
    if !directory.sends_mail() {
        sheet.notes.push(NOT_SET_UP.to_owned());
    }
    sheet.cards = Kind::ALL
        .into_iter()
        .map(|kind| Card {
            title: kind.label().to_owned(),
            text: kind.occasion().to_owned(),
            to: Page::MailTemplate(kind).path(),
        })
        .collect();
    sheet.cards.push(Card {
        title: "Mails".to_owned(),
        text: "What was sent, what waits, and why.".to_owned(),
        to: Page::Mails.path(),
    });
    Ok(sheet)
}

pub(super) async fn show_template(kind: Kind) -> Result<Sheet, ConsoleError> {
    let templates = kept::<Templates>().await?;
    let (directory, who) = ssr::authorise::<SettingsRead>()?;
    let template = templates.value.of(kind);
    let letter = directory.preview_mail(&who, kind, &template).await?;
    let values = [("subject", template.subject), ("text", template.text)];
    let sheet = sheet(kind.label(), "", described(kind), &values);
    Ok(Sheet { version: templates.version, preview: Some((letter.subject, letter.text)), ..sheet })
}

pub(super) async fn save_template(
    kind: Kind,
    version: i64,
    typed: &BTreeMap<String, String>,
) -> Result<Outcome, ConsoleError> {
    let properties = match read(&described(kind), typed) {
        Ok(properties) => properties,
        Err(outcome) => return Ok(outcome),
    };
    let text = |key: &str| properties.text(key).unwrap_or_default().to_owned();
    let mut templates = kept::<Templates>().await?.value;
    templates.0.insert(kind, Template { subject: text("subject"), text: text("text") });
    save_setting(templates, version, &Page::MailTemplate(kind), "The template was updated.").await
}
