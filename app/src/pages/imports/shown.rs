//! Between the use cases and the pages of imports.

use auth::grants::{ProvisionersRead, UsersWrite};
use directory::imports::{self, RowState, Stage};
use domain::ImportId;

use super::view::{self, Import, ImportList, ImportRow};
use crate::{
    error::ConsoleError,
    outcome::{Outcome, encoded},
    pages::{connections::thousands, users},
    routes::Page,
    ssr,
    ui::note::Tone,
};

/// Lines, and imports, on one page.
const PAGE: usize = 50;

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

pub(super) async fn import(id: ImportId, part: &str, after: &str) -> Result<Import, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let (_, reader) = ssr::authorise::<ProvisionersRead>()?;
    let import = directory.import(&who, id).await?;
    let part = Part::chosen(&import, part);
    let from = after.parse().unwrap_or(0);
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut lines = directory.import_lines(&who, id, part.state(), from, limit).await?;
    let more = lines.len() > PAGE;
    lines.truncate(PAGE);
    let next = lines.last().filter(|_| more).map(|last| part.address(id, Some(last.number)));
    let destinations = match import.stage {
        Stage::Preview => directory.destinations(&reader).await?.into_iter().map(users::destination).collect(),
        _ => Vec::new(),
    };
    let (tone, state) = standing(import.stage);
    Ok(Import {
        id,
        title: title(&import),
        subtitle: subtitle(&import),
        stage: match import.stage {
            Stage::Preview => view::Stage::Preview,
            Stage::Running => view::Stage::Running,
            Stage::Done | Stage::Cancelled => view::Stage::Ended,
        },
        tone,
        state: state.to_owned(),
        facts: facts(&import),
        progress: (import.stage != Stage::Preview).then(|| (import.settled(), import.planned())),
        good: import.counts.good,
        groupless: groupless(&import),
        destinations,
        parts: Part::of(&import)
            .into_iter()
            .map(|one| {
                (format!("{} ({})", one.word(), thousands(one.count(&import))), one.address(id, None), one == part)
            })
            .collect(),
        lines: lines.into_iter().map(|line| shown(&import, line)).collect(),
        first: (from > 0).then(|| part.address(id, None)),
        next,
        until: (import.stage != Stage::Running).then(|| import.expires_at.into()),
    })
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

fn shown(import: &imports::Import, line: imports::Line) -> view::Line {
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
    view::Line {
        line: number,
        user: user_id.filter(|_| state == RowState::Created),
        name: [values.given_name, values.family_name].join(" ").trim().to_owned(),
        user_name: values.user_name,
        email: values.email,
        groups: values.groups.join(", "),
        tone,
        state: word.to_owned(),
        reason,
    }
}

pub(super) async fn cancel(id: ImportId) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let left = directory.cancel_import(&who, id).await?;
    Ok(match left {
        Some(id) => Outcome::done(&Page::Import(id), "The import was stopped."),
        None => Outcome::done(&Page::Users, "Nothing was imported."),
    })
}

pub(super) async fn list(after: &str) -> Result<ImportList, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersWrite>()?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut found = directory.imports(&who, after.parse().ok(), limit).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found
        .last()
        .filter(|_| more)
        .map(|last| format!("{}?after={}", Page::Imports.path(), encoded(&last.id.to_string())));
    Ok(ImportList { items: found.into_iter().map(row).collect(), next })
}

fn row(import: imports::Import) -> ImportRow {
    let (tone, state) = standing(import.stage);
    let created = match import.stage {
        Stage::Preview => "none yet".to_owned(),
        _ => format!("{} of {}", thousands(import.counts.created), thousands(import.planned())),
    };
    ImportRow {
        id: import.id,
        title: title(&import),
        at: import.started_at.unwrap_or(import.created_at).into(),
        tone,
        state: state.to_owned(),
        created,
        failed: import.counts.failed,
        by: import.actor.label,
    }
}
