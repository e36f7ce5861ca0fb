//! Between the use cases and the list of users.

use auth::grants::{DeliveriesRead, UsersRead};
use directory::people::{
    Access, Accounts as AccountsOf, By, Narrowing, Order, People, PeopleQuery, Standing as Accounts,
};
use domain::{UserId, limits, user::User};

use super::{
    columns,
    filter::Filter,
    origin,
    shown::{may_write, person, standing},
    view::{Standing, UserList},
};
use crate::{
    error::ConsoleError,
    outcome::Outcome,
    pages::{roles, settings::installation::Installation},
    ssr,
    ui::{
        cells::{Cell, Line},
        note::Tone,
    },
};

/// Groups whose names are offered; any other can be typed.
const OFFERED: i64 = 100;

pub(super) async fn list(filter: &Filter, after: &str) -> Result<UserList, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersRead>()?;
    let (_, deliveries) = ssr::authorise::<DeliveriesRead>()?;
    let groups = directory.group_names(&who, OFFERED).await?;
    let mut narrowing = narrowing(filter);
    let mut no_such_group = false;
    if !filter.group.trim().is_empty() {
        narrowing.group = directory.group_by_name(&who, filter.group.trim()).await?.map(|group| group.id);
        no_such_group = narrowing.group.is_none();
    }
    let order = order(&filter.sort);
    let found = if no_such_group {
        People::default()
    } else {
        let after = Some(after.to_owned()).filter(|after| !after.is_empty());
        let (search, limit) = (Some(filter.search.clone()), i64::from(limits::DEFAULT_PAGE));
        directory.people(&who, PeopleQuery { search, narrowing, order, after, limit }).await?
    };
    let ids: Vec<UserId> = found.items.iter().map(|user| user.id).collect();
    let accounts = directory.accounts_of_people(&deliveries, &ids).await?;
    let chosen = ssr::parts().map(|parts| columns::of_cookies(&parts.headers)).unwrap_or_default();
    let items = found.items.iter().map(|user| {
        let cells = chosen.iter().map(|column| cell(user, accounts.get(&user.id), columns::COLUMNS[*column].0));
        Line { cells: cells.collect(), ..person(user) }
    });
    Ok(UserList {
        items: items.collect(),
        columns: chosen,
        nothing: nothing(filter, no_such_group, found.next.is_some()),
        next: found.next,
        note: note(filter, &narrowing, order).to_owned(),
        groups,
        may_write: may_write(),
    })
}

/// What is no such thing does not narrow.
fn narrowing(filter: &Filter) -> Narrowing {
    Narrowing {
        access: match filter.state.as_str() {
            "active" => Some(Access::Active),
            "disabled" => Some(Access::Disabled),
            "locked" => Some(Access::Locked),
            _ => None,
        },
        accounts: match filter.accounts.as_str() {
            "held" => Some(Accounts::Held),
            "waiting" => Some(Accounts::OnItsWay),
            "in-step" => Some(Accounts::InStep),
            "none" => Some(Accounts::None),
            _ => None,
        },
        origin: filter.origin.parse().ok(),
        role: filter.role.parse().ok(),
        group: None,
    }
}

fn order(sort: &str) -> Order {
    let (by, descending) = match sort {
        "name-down" => (By::UserName, true),
        "newest" => (By::Created, true),
        "oldest" => (By::Created, false),
        "changed" => (By::Changed, true),
        "unchanged" => (By::Changed, false),
        _ => (By::UserName, false),
    };
    Order { by, descending }
}

/// Where the list is in another order than was asked for.
fn note(filter: &Filter, narrowing: &Narrowing, order: Order) -> &'static str {
    if !filter.search.trim().is_empty() {
        return if filter.sort.is_empty() {
            ""
        } else {
            "What is searched for is listed by the words that were found."
        };
    }
    match (narrowing.order(order) == order, narrowing.group) {
        (true, _) => "",
        (false, Some(_)) => "A group is listed by creation: the oldest first, or the newest.",
        (false, None) => "Narrowed so, the list goes by user name.",
    }
}

/// What to say where nobody is listed: a title and a sentence.
fn nothing(filter: &Filter, no_such_group: bool, more: bool) -> (String, String) {
    const NONE: &str = "No results found";
    let (title, text) = if more {
        (
            "Nobody yet among those looked at",
            "None of the many looked at so far fits. Go on to the next page, or narrow the list by something rarer.",
        )
    } else if no_such_group {
        (NONE, "There is no group of this name.")
    } else if !filter.search.trim().is_empty() {
        let text =
            "Nobody has words that begin like this. Search for the beginning of a name, a user name or an address.";
        (NONE, text)
    } else if filter.is_narrowed() {
        (NONE, "Nobody is like this. Take a filter away.")
    } else {
        ("Nobody here", "Everybody on this page was deleted.")
    };
    (title.to_owned(), text.to_owned())
}

fn cell(user: &User, accounts: Option<&AccountsOf>, column: &str) -> Cell {
    let profile = &user.profile;
    let text = |text: Option<&str>| Cell::from(text.unwrap_or_default().to_owned());
    let enterprise = profile.enterprise.as_ref();
    match column {
        "user-name" => text(Some(&user.user_name)),
        "state" => state(user),
        "origin" => text(Some(origin(user.origin))),
        "accounts" => accounts.map_or_else(|| text(Some("none")), in_step),
        "role" => text(user.role.map(roles::label)),
        "title" => text(profile.title.as_deref()),
        "department" => text(enterprise.and_then(|work| work.department.as_deref())),
        "employee-number" => text(enterprise.and_then(|work| work.employee_number.as_deref())),
        "external-id" => text(user.external_id.as_deref()),
        "created" => Cell::at(user.created_at),
        _ => Cell::at(user.updated_at),
    }
}

fn state(user: &User) -> Cell {
    let state = standing(user);
    let (tone, text) = state.in_words();
    let locked = (user.locked && state != Standing::Locked).then(|| Standing::Locked.in_words());
    Cell { also: locked.map(|(tone, text)| (tone, text.to_owned())), ..Cell::state(tone, text) }
}

fn in_step(accounts: &AccountsOf) -> Cell {
    let AccountsOf { all, in_step, held, .. } = accounts;
    let also = (*held > 0).then(|| (Tone::Held, format!("{held} held")));
    Cell { also, ..Cell::from(format!("{in_step} of {all} in step")) }
}

pub(super) fn choose_columns(chosen: &[String], filter: &Filter) -> Result<Outcome, ConsoleError> {
    // Whoever may see no list chooses no columns for it.
    ssr::authorise::<UsersRead>()?;
    let https = Installation::present()?.is_https();
    ssr::append_header(http::header::SET_COOKIE, columns::cookie(chosen, https));
    Ok(Outcome::Done { to: filter.path(""), message: None })
}
