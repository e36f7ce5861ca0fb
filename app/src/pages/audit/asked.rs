//! What the filter of the list asks for.

use directory::audit::{self, Matching};
use domain::limits;

use super::view::Filter;

impl Filter {
    /// From the parameters of an address; those that are none of the filter's are left alone.
    pub fn read<'a>(pairs: impl Iterator<Item = (std::borrow::Cow<'a, str>, std::borrow::Cow<'a, str>)>) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs {
            let field = match &*name {
                "who" => &mut filter.who,
                "what" => &mut filter.what,
                "about" => &mut filter.about,
                "from" => &mut filter.from,
                "to" => &mut filter.to,
                _ => continue,
            };
            *field = value.into_owned();
        }
        filter
    }
}

/// Which events; or what is wrong with a day.
pub fn matching(filter: &Filter) -> Result<Matching, String> {
    let text = |text: &str| {
        let text: String = text.trim().chars().take(limits::USER_NAME).collect();
        Some(text).filter(|text| !text.is_empty())
    };
    let day = |text: &str, read: fn(&str) -> Option<domain::Timestamp>| match text.trim() {
        "" => Ok(None),
        text => read(text).map(Some).ok_or_else(|| format!("“{text}” is no day. Write it as 2026-03-12.")),
    };
    // An event's page asks for its subject so: of names, others begin alike.
    let id = filter.about.trim().parse().ok();
    Ok(Matching {
        actor: text(&filter.who),
        subject: text(&filter.about).filter(|_| id.is_none()),
        subject_id: filter.user.parse().ok().or(id),
        action: text(&filter.what),
        from: day(&filter.from, audit::from)?,
        until: day(&filter.to, audit::until)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_does_not_narrow_and_a_day_that_is_none_is_told() {
        let pairs =
            [("who", " Root "), ("about", ""), ("what", "user.update"), ("to", "2026-03-12"), ("format", "csv")];
        let filter = Filter::read(pairs.into_iter().map(|(name, value)| (name.into(), value.into())));
        let asked = matching(&filter).unwrap();
        assert_eq!((asked.actor.as_deref(), asked.subject, asked.from), (Some("Root"), None, None));
        assert_eq!(asked.until.unwrap().to_string(), "2026-03-13T00:00:00Z");
        let id = "0199c0de-0000-7000-8000-000000000007";
        let asked = matching(&Filter { about: id.to_owned(), ..Filter::default() }).unwrap();
        assert_eq!((asked.subject_id, asked.subject), (id.parse().ok(), None));
        let wrong = Filter { from: "12.03.2026".to_owned(), ..filter };
        assert!(matching(&wrong).unwrap_err().contains("12.03.2026"));
    }
}
