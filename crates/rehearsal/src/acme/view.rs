//! How the page looks: plain HTML, written out.

use std::fmt;

use super::{Access, Account, Logged, Shared, switches::Switch};
use crate::page::{AS_IT_WAS, Escaped, FOOT, Head, clock_time, letter};

/// Accounts shown, the latest first.
const ROWS: usize = 500;
/// Requests shown.
const REQUESTS: usize = 12;

/// Everything that the page shows.
pub(super) struct View {
    version: u64,
    name: String,
    url: String,
    /// The bearer token it asks for: whoever connects it by hand has to know.
    token: Option<String>,
    kept: bool,
    off: bool,
    /// With their state.
    switches: Vec<(Switch, bool)>,
    accounts: Vec<Account>,
    account_count: usize,
    group_count: usize,
    requests: Vec<Logged>,
}

impl View {
    pub(super) fn of(shared: &Shared, version: u64) -> Self {
        let cloud = shared.cloud();
        let offered = |switch: &Switch| *switch != Switch::OutOfLicences || !shared.unlicensed.is_empty();
        let switches = Switch::ALL.into_iter().filter(offered).map(|switch| (switch, switch.is_on(&cloud)));
        Self {
            version,
            name: shared.name.clone(),
            url: shared.url(),
            token: match &shared.access {
                Access::Bearer(token) => Some(token.clone()),
                _ => None,
            },
            kept: shared.kept,
            off: cloud.stopped,
            switches: switches.collect(),
            accounts: cloud.service.users.latest_accounts(ROWS),
            account_count: cloud.service.users.len(),
            group_count: cloud.service.groups.len(),
            requests: cloud.log.latest(REQUESTS),
        }
    }

    fn head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let misbehaving = self.switches.iter().any(|(_, on)| *on);
        let (state, word) = match (self.off, misbehaving) {
            (true, _) => ("held", "Switched off"),
            (false, true) => ("wait", "Misbehaving"),
            (false, false) => ("ok", "Working"),
        };
        let letter = letter(&self.name);
        let memory =
            if self.kept { "keeps its accounts in the data folder" } else { "forgets everything when it stops" };
        let token = self.token.as_deref().map_or_else(String::new, |token| {
            format!(" for whoever shows the bearer token <code>{}</code>", Escaped(token))
        });
        write!(
            f,
            "<header><span class=\"mark\" aria-hidden=\"true\">{letter}</span><div><h1>{name} \
             <span class=\"pill {state}\">{word}</span></h1>\
             <p>An external system to try things on. It listens at <code>{url}/scim/v2</code>{token}, and {memory}.</p></div>\
             </header>",
            letter = Escaped(&letter),
            name = Escaped(&self.name),
            url = Escaped(&self.url),
        )
    }

    fn switch_list(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<ul class=\"list switches\">")?;
        for (switch, on) in &self.switches {
            let (id, label, effect) = (switch.id(), switch.label(), switch.effect());
            let word = if *on { "On" } else { "Off" };
            write!(
                f,
                "<li><form method=\"post\" action=\"/switches\">\
                 <input type=\"hidden\" name=\"switch\" value=\"{id}\"><input type=\"hidden\" name=\"on\" value=\"{}\">\
                 <div><h3>{label}</h3><p>{effect}</p></div>\
                 <button id=\"{id}\" role=\"switch\" aria-checked=\"{on}\" aria-label=\"{label}\">\
                 <span class=\"track\" aria-hidden=\"true\"></span><span aria-hidden=\"true\">{word}</span></button>\
                 </form></li>",
                !on
            )?;
        }
        f.write_str("</ul>")
    }

    fn account_table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.accounts.is_empty() {
            return f.write_str(
                "<p class=\"empty\"><strong>No accounts yet</strong> They appear here as soon as somebody provisions \
                 them.</p>",
            );
        }
        f.write_str(
            "<div class=\"scroll\" id=\"account-table\" tabindex=\"0\" role=\"region\" aria-label=\"List of accounts\">\
             <table><thead><tr><th scope=\"col\">Account<th scope=\"col\">Mail, department\
             <th scope=\"col\">State, changed<th scope=\"col\">Id, external id</tr></thead><tbody>",
        )?;
        self.accounts.iter().try_for_each(|account| row(f, account))?;
        f.write_str("</tbody></table></div>")?;
        match self.account_count - self.accounts.len() {
            0 => Ok(()),
            more => write!(f, "<p class=\"hint\">And {more} more that changed earlier.</p>"),
        }
    }

    fn request_list(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.requests.is_empty() {
            return f.write_str("<p class=\"empty\">Nothing was asked yet.</p>");
        }
        f.write_str("<ol class=\"list requests\">")?;
        self.requests.iter().try_for_each(|request| entry(f, request))?;
        f.write_str("</ol>")
    }
}

fn row(f: &mut fmt::Formatter<'_>, account: &Account) -> fmt::Result {
    let (state, word) = if account.active { ("ok", "Active") } else { ("neutral", "Disabled") };
    let (name, department) = (account.name(), account.department());
    write!(
        f,
        "<tr><th scope=\"row\"><strong>{user_name}</strong><span class=\"hint\">{name}</span></th>\
         <td>{mail}<span class=\"hint\">{department}</span></td>\
         <td><span class=\"pill {state}\">{word}</span><span class=\"hint\">{changed}</span></td>\
         <td><code>{id}</code><code class=\"hint\">{external}</code></td></tr>",
        user_name = Escaped(&account.user_name),
        name = Escaped(name.as_deref().unwrap_or_default()),
        mail = Escaped(account.email().unwrap_or("–")),
        department = Escaped(department.unwrap_or_default()),
        changed = clock_time(account.changed),
        id = Escaped(&account.id),
        external = Escaped(account.external_id.as_deref().unwrap_or_default()),
    )
}

fn entry(f: &mut fmt::Formatter<'_>, request: &Logged) -> fmt::Result {
    let (tone, status) = match request.status {
        None => ("wait", "in progress".to_owned()),
        Some(status) if status.is_success() => ("ok", status.as_u16().to_string()),
        Some(status) => ("held", status.as_u16().to_string()),
    };
    let who = request.headers.get("user-agent").and_then(|who| who.to_str().ok()).unwrap_or("nobody who says a name");
    write!(
        f,
        "<li><code>{method} {path}</code><span class=\"pill {tone}\">{status}</span><span class=\"hint\">{at} · {who}",
        method = Escaped(request.method.as_str()),
        path = Escaped(&request.path),
        at = clock_time(request.at),
        who = Escaped(who),
    )?;
    if let Some(filter) = request.parameter("filter") {
        write!(f, " · looked for <code>{}</code>", Escaped(filter))?;
    }
    f.write_str("</span></li>")
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Head { title: &self.name, system: &self.name, version: Some(self.version) }.fmt(f)?;
        self.head(f)?;
        write!(
            f,
            "{AS_IT_WAS}<main><section class=\"wide\" aria-labelledby=\"accounts\">\
             <h2 id=\"accounts\">Accounts <span class=\"count\">{}</span></h2>",
            counted(self.account_count, self.group_count),
        )?;
        self.account_table(f)?;
        f.write_str("</section><section aria-labelledby=\"switches\"><h2 id=\"switches\">Misbehave</h2>")?;
        self.switch_list(f)?;
        f.write_str("</section><section aria-labelledby=\"requests\"><h2 id=\"requests\">Last requests</h2>")?;
        self.request_list(f)?;
        write!(f, "</section></main>{FOOT}")
    }
}

fn counted(accounts: usize, groups: usize) -> String {
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let accounts = format!("{accounts} account{}", plural(accounts));
    if groups == 0 { accounts } else { format!("{accounts}, {groups} group{}", plural(groups)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_well() {
        assert_eq!(counted(1, 0), "1 account");
        assert_eq!(counted(0, 2), "0 accounts, 2 groups");
    }
}
