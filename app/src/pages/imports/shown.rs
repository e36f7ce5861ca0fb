//! Between the use cases and the pages of imports.

use auth::grants::{ProvisionersRead, UsersWrite};
use directory::imports::{self, RowState, Stage};
use domain::ImportId;

use super::view::{self, Sheet};
use crate::{
    error::ConsoleError,
    outcome::Outcome,
    pages::{connections::thousands, users},
    routes::Page,
    ssr,
    ui::{cells::Cell, note::Tone},
};

/// Lines, and imports, on one page.
const PAGE: i64 = 50;

/// A part of an import's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    All,
    Only(RowState),
}

impl Part {
    const ALL: [Self; 5] = [
        Self::Only(RowState::Bad),
        Self::Only(RowState::Groupless),
        Self::Only(RowState::Failed),
        Self::Only(RowState::Created),
        Self::All,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Only(state) => state.as_str(),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Only(RowState::Bad) => "Left out",
            Self::Only(RowState::Groupless) => "Without their groups",
            Self::Only(RowState::Failed) => "Not created",
            Self::Only(RowState::Created) => "Created",
            Self::Only(_) | Self::All => "All lines",
        }
    }

    fn count(self, import: &imports::Import) -> i64 {
        let counts = import.counts;
        match self {
            Self::Only(RowState::Bad) => counts.bad,
            Self::Only(RowState::Groupless) => counts.groupless,
            Self::Only(RowState::Failed) => counts.failed,
            Self::Only(RowState::Created) => counts.created,
            Self::Only(_) | Self::All => counts.good + counts.groupless + counts.bad,
        }
    }

    fn state(self) -> Option<RowState> {
        match self {
            Self::All => None,
            Self::Only(state) => Some(state),
        }
    }

    /// Those that have something to show. Lines whose groups are made stand among the others once it is started.
    fn of(import: &imports::Import) -> Vec<Self> {
        let settled = |part: &Self| *part == Self::Only(RowState::Groupless) && import.create_groups;
        Self::ALL.into_iter().filter(|part| part.count(import) > 0 && !settled(part)).collect()
    }

    /// The one that was asked for; else what needs somebody, else everything.
    fn chosen(import: &imports::Import, asked: &str) -> Self {
        if let Some(part) = Self::ALL.into_iter().find(|part| part.as_str() == asked) {
            return part;
        }
        let matters: &[RowState] = match import.stage {
            Stage::Preview => &[RowState::Bad, RowState::Groupless],
            Stage::Running | Stage::Done | Stage::Cancelled => &[RowState::Failed],
        };
        let found = matters.iter().map(|state| Self::Only(*state)).find(|part| part.count(import) > 0);
        found.unwrap_or(Self::All)
    }

    fn address(self, id: ImportId, after: Option<i64>) -> String {
        let after = after.map(|after| format!("&after={after}")).unwrap_or_default();
        format!("{}?part={}{after}", Page::Import(id).path(), self.as_str())
    }
}

pub(super) async fn sheet(id: &str, part: &str, after: &str) -> Result<Sheet, ConsoleError> {
    match id.parse() {
        _ if id.is_empty() => all(after).await,
        Ok(id) => one(id, part, after).await,
        Err(_) => Err(ConsoleError::NotFound { what: "This import".to_owned() }),
    }
}

async fn one(id: ImportId, part: &str, after: &str) -> Result<Sheet, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let import = directory.import(&who, id).await?;
    let part = Part::chosen(&import, part);
    let from = after.parse().unwrap_or(0);
    let mut lines = directory.import_lines(&who, id, part.state(), from, PAGE + 1).await?;
    let next = page(&mut lines).map(|last| part.address(id, Some(last.number)));
    let mut facts = facts(&import);
    if import.stage == Stage::Preview {
        let (_, reader) = ssr::authorise::<ProvisionersRead>()?;
        let destinations = directory.destinations(&reader).await?.into_iter().map(users::destination);
        facts.extend(destinations.map(|one| (format!("Gets an account at {}", one.system), one.what)));
    }
    Ok(Sheet {
        title: title(&import),
        subtitle: subtitle(&import),
        rows: lines.into_iter().map(|line| cells(&import, line)).collect(),
        first: (from > 0).then(|| part.address(id, None)),
        next,
        import: Some(shown(&import, part, facts)),
    })
}

/// Cuts a list to its page; the last of the page, where there is more.
fn page<T>(items: &mut Vec<T>) -> Option<&T> {
    let length = usize::try_from(PAGE).unwrap_or_default();
    let more = items.len() > length;
    items.truncate(length);
    items.last().filter(|_| more)
}

fn shown(import: &imports::Import, part: Part, facts: Vec<(String, String)>) -> view::Import {
    let (tone, state) = standing(import.stage);
    let parts = Part::of(import).into_iter().map(|one| {
        let words = format!("{} ({})", one.word(), thousands(one.count(import)));
        (words, one.address(import.id, None), one == part)
    });
    view::Import {
        id: import.id,
        stage: match import.stage {
            Stage::Preview if import.counts.good + import.counts.groupless == 0 => view::Stage::Hopeless,
            Stage::Preview => view::Stage::Preview,
            Stage::Running => view::Stage::Running,
            Stage::Done | Stage::Cancelled => view::Stage::Ended,
        },
        tone,
        state: state.to_owned(),
        facts,
        progress: (import.stage != Stage::Preview).then(|| (import.settled(), import.planned())),
        groupless: groupless(import).filter(|_| import.stage == Stage::Preview),
        parts: parts.collect(),
        until: (import.stage != Stage::Running).then(|| import.expires_at.into()),
    }
}

fn title(import: &imports::Import) -> String {
    if import.source.is_empty() { "Pasted list".to_owned() } else { import.source.clone() }
}

fn standing(stage: Stage) -> (Tone, &'static str) {
    match stage {
        Stage::Preview => (Tone::Info, "Preview"),
        Stage::Running => (Tone::Wait, "Running"),
        Stage::Done => (Tone::Ok, "Done"),
        Stage::Cancelled => (Tone::Neutral, "Stopped"),
    }
}

fn subtitle(import: &imports::Import) -> String {
    let by = &import.actor.label;
    match import.stage {
        Stage::Preview => "Nothing was changed so far. Look the list over, then start the import.".to_owned(),
        Stage::Running => format!("Started by {by}. It goes on by itself, also when you leave this page."),
        Stage::Done => format!("Started by {by}. Every line is done."),
        Stage::Cancelled => format!("Started by {by} and stopped. Who was created stays."),
    }
}

fn facts(import: &imports::Import) -> Vec<(String, String)> {
    let counts = import.counts;
    let facts: &[(&str, i64)] = match import.stage {
        Stage::Preview => &[
            ("Can come in", counts.good),
            ("Name a group that does not exist", counts.groupless),
            ("Left out", counts.bad),
        ],
        _ => &[
            ("Created", counts.created),
            ("Not created", counts.failed),
            (left(import.stage), import.planned() - import.settled()),
            ("Left out", Part::All.count(import) - import.planned()),
        ],
    };
    facts.iter().map(|(what, count)| ((*what).to_owned(), thousands(*count))).collect()
}

fn left(stage: Stage) -> &'static str {
    if stage == Stage::Cancelled { "Not begun" } else { "Still to come" }
}

fn groupless(import: &imports::Import) -> Option<String> {
    let lines = match import.counts.groupless {
        0 => return None,
        1 => "1 line names a group that does not exist; it comes in only if this is ticked.".to_owned(),
        count => {
            format!("{} lines name a group that does not exist; they come in only if this is ticked.", thousands(count))
        }
    };
    Some(lines)
}

fn cells(import: &imports::Import, line: imports::Line) -> Vec<Cell> {
    let imports::Line { line: number, state, user_id, values, reason, .. } = line;
    let comes = state == RowState::Good || (state == RowState::Groupless && import.create_groups);
    let (tone, word) = match (state, import.stage) {
        (RowState::Created, _) => (Tone::Ok, "Created"),
        (RowState::Failed, _) => (Tone::Held, "Not created"),
        (RowState::Asked, _) => (Tone::Wait, "Asking"),
        (RowState::Bad, _) => (Tone::Held, "Left out"),
        (RowState::Groupless, Stage::Preview) => (Tone::Wait, "Group missing"),
        (_, Stage::Preview) => (Tone::Ok, "Can come in"),
        (_, Stage::Cancelled) if comes => (Tone::Neutral, "Not begun"),
        _ if comes => (Tone::Neutral, "Still to come"),
        _ => (Tone::Neutral, "Left out"),
    };
    // That a group was missing matters no more once it is to be made.
    let reason = reason.filter(|_| !(comes && state == RowState::Groupless));
    let user = user_id.filter(|_| state == RowState::Created).map(|id| Page::User(id).path());
    let name = [values.given_name, values.family_name].join(" ");
    vec![
        number.to_string().into(),
        Cell { text: values.user_name, to: user, ..Cell::default() },
        name.trim().to_owned().into(),
        values.email.into(),
        values.groups.join(", ").into(),
        Cell { text: word.to_owned(), tone: Some(tone), hint: reason, ..Cell::default() },
    ]
}

pub(super) async fn cancel(id: ImportId) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let left = directory.cancel_import(&who, id).await?;
    Ok(match left {
        Some(id) => Outcome::done(&Page::Import(id), "The import was stopped."),
        None => Outcome::done(&Page::Users, "Nothing was imported."),
    })
}

async fn all(after: &str) -> Result<Sheet, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let mut found = directory.imports(&who, after.parse().ok(), PAGE + 1).await?;
    let next = page(&mut found).map(|last| format!("{}?after={}", Page::Imports.path(), last.id));
    Ok(Sheet {
        title: "Imports".to_owned(),
        subtitle: "Lists of people, and what became of them. Kept for 7 days after they ended.".to_owned(),
        import: None,
        rows: found.into_iter().map(listed).collect(),
        first: (!after.is_empty()).then(|| Page::Imports.path()),
        next,
    })
}

fn listed(import: imports::Import) -> Vec<Cell> {
    let (tone, state) = standing(import.stage);
    let created = match import.stage {
        Stage::Preview => "none yet".to_owned(),
        _ => format!("{} of {}", thousands(import.counts.created), thousands(import.planned())),
    };
    let at = import.started_at.unwrap_or(import.created_at);
    vec![
        Cell { text: title(&import), to: Some(Page::Import(import.id).path()), ..Cell::default() },
        import.actor.label.into(),
        Cell { at: Some(at.into()), ..Cell::default() },
        created.into(),
        thousands(import.counts.failed).into(),
        Cell { text: state.to_owned(), tone: Some(tone), ..Cell::default() },
    ]
}
