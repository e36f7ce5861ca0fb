//! How the pages look: plain HTML, written out.

use std::fmt;

use domain::Timestamp;

use super::{
    Persona, Shared,
    applications::{Addresses, Client},
    authorize::Ask,
    sign_out::Leave,
};
use crate::page::{AS_IT_WAS, Escaped, FOOT, Head, clock_time, letter};

/// The page for people: who can sign in, to what, and what happened.
pub(super) struct Front {
    version: u64,
    name: String,
    issuer: String,
    kept: bool,
    /// With how many sessions they have.
    personas: Vec<(Persona, usize)>,
    clients: Vec<(String, Client)>,
    events: Vec<(Timestamp, String)>,
}

impl Front {
    pub(super) fn of(shared: &Shared, version: u64) -> Self {
        let world = shared.world();
        let sessions = |persona: &Persona| world.sessions.iter().filter(|session| session.sub == persona.sub).count();
        Self {
            version,
            name: shared.name.clone(),
            issuer: shared.url(),
            kept: shared.kept,
            personas: world.personas.iter().map(|persona| (persona.clone(), sessions(persona))).collect(),
            clients: world.clients.iter().map(|(id, client)| (id.clone(), client.clone())).collect(),
            events: world.events.iter().cloned().collect(),
        }
    }

    fn table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "<div class=\"scroll\" id=\"persona-table\" tabindex=\"0\" role=\"region\" aria-label=\"List of people\">\
             <table><thead><tr><th scope=\"col\">Name<th scope=\"col\">Mail<th scope=\"col\">Work, groups\
             <th scope=\"col\">Signed in</tr></thead><tbody>",
        )?;
        self.personas.iter().try_for_each(|(persona, sessions)| row(f, persona, *sessions))?;
        f.write_str(
            "</tbody></table></div><p class=\"below\"><a class=\"button\" href=\"/personas\">Add somebody</a></p>",
        )
    }

    fn applications(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.clients.is_empty() {
            f.write_str("<p class=\"empty\">No application is known yet.</p>")?;
        } else {
            self.application_list(f)?;
        }
        f.write_str("<p class=\"below\"><a class=\"button\" href=\"/applications\">Add an application</a></p>")
    }

    fn application_list(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<ul class=\"list items\">")?;
        for (id, client) in &self.clients {
            write!(
                f,
                "<li><code>{}</code><span class=\"hint\">Secret: <code>{}</code></span>",
                Escaped(id),
                Escaped(&client.secret),
            )?;
            for uri in &client.redirect_uris {
                write!(f, "<span class=\"hint\">Back to <code>{}</code></span>", Escaped(uri))?;
            }
            if let Some(uri) = &client.back_channel {
                write!(f, "<span class=\"hint\">Told of sign-outs at <code>{}</code></span>", Escaped(uri))?;
            }
            f.write_str("</li>")?;
        }
        f.write_str("</ul>")
    }

    fn event_list(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.events.is_empty() {
            return f.write_str("<p class=\"empty\">Nothing has happened yet.</p>");
        }
        f.write_str("<ol class=\"list items\">")?;
        for (at, text) in &self.events {
            write!(f, "<li>{}<span class=\"hint\">{}</span></li>", Escaped(text), clock_time(*at))?;
        }
        f.write_str("</ol>")
    }
}

impl fmt::Display for Front {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Head { title: &self.name, system: &self.name, version: Some(self.version) }.fmt(f)?;
        let memory = if self.kept { "keeps its people in the data folder" } else { "forgets everything when it stops" };
        let text = format!(
            "Somebody else’s identity provider, to sign in with. Its issuer is <code>{}</code>, it speaks OpenID \
             Connect, and it {memory}.",
            Escaped(&self.issuer)
        );
        header(f, &self.name, &self.name, &text)?;
        write!(f, "{AS_IT_WAS}<main><section class=\"wide\" aria-labelledby=\"people\"><h2 id=\"people\">People</h2>")?;
        self.table(f)?;
        f.write_str("</section><section aria-labelledby=\"applications\"><h2 id=\"applications\">Applications</h2>")?;
        self.applications(f)?;
        f.write_str("</section><section aria-labelledby=\"events\"><h2 id=\"events\">What happened</h2>")?;
        self.event_list(f)?;
        write!(f, "</section></main>{FOOT}")
    }
}

/// `text` is markup.
fn header(f: &mut fmt::Formatter<'_>, name: &str, title: &str, text: &str) -> fmt::Result {
    write!(
        f,
        "<header><span class=\"mark\" aria-hidden=\"true\">{letter}</span><div><h1>{title}</h1><p>{text}</p></div></header>",
        letter = Escaped(&letter(name)),
        title = Escaped(title),
    )
}

fn row(f: &mut fmt::Formatter<'_>, persona: &Persona, sessions: usize) -> fmt::Result {
    write!(
        f,
        "<tr><th scope=\"row\"><a href=\"/personas/{sub}\"><strong>{name}</strong></a>\
         <span class=\"hint\">{user_name}</span></th><td>{mail}{verified}</td>\
         <td>{work}<span class=\"hint\">{groups}</span></td><td>",
        sub = Escaped(&persona.sub),
        name = Escaped(shown(persona)),
        user_name = Escaped(&persona.user_name),
        mail = Escaped(if persona.email.is_empty() { "–" } else { &persona.email }),
        verified = verified(persona),
        work = Escaped(&work(persona)),
        groups = Escaped(&persona.groups.join(", ")),
    )?;
    if sessions == 0 {
        return f.write_str("<span class=\"hint\">Nowhere</span></td></tr>");
    }
    write!(
        f,
        "<form method=\"post\" action=\"/personas/{sub}/sign-out\"><button id=\"out-{sub}\" \
         aria-label=\"Sign {name} out everywhere\">Sign out everywhere</button></form>\
         <span class=\"hint\">{sessions} session{s}</span></td></tr>",
        sub = Escaped(&persona.sub),
        name = Escaped(shown(persona)),
        s = if sessions == 1 { "" } else { "s" },
    )
}

fn shown(persona: &Persona) -> &str {
    if persona.display_name.is_empty() { &persona.user_name } else { &persona.display_name }
}

fn work(persona: &Persona) -> String {
    let parts = [persona.title.as_str(), persona.department.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn verified(persona: &Persona) -> &'static str {
    match (persona.email.is_empty(), persona.email_verified) {
        (true, _) => "",
        (false, true) => " <span class=\"hint\">verified</span>",
        (false, false) => " <span class=\"hint\"><span class=\"pill wait\">not verified</span></span>",
    }
}

fn hidden(f: &mut fmt::Formatter<'_>, fields: &[(&str, &str)]) -> fmt::Result {
    fields
        .iter()
        .try_for_each(|(name, value)| write!(f, "<input type=\"hidden\" name=\"{name}\" value=\"{}\">", Escaped(value)))
}

/// Where somebody says who they are.
pub(super) struct SignIn<'a> {
    name: String,
    personas: Vec<Persona>,
    ask: &'a Ask,
}

impl<'a> SignIn<'a> {
    pub(super) fn of(shared: &Shared, ask: &'a Ask) -> Self {
        Self { name: shared.name.clone(), personas: shared.world().personas.clone(), ask }
    }
}

impl fmt::Display for SignIn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = format!("Sign in with {}", self.name);
        Head { title: &title, system: &self.name, version: None }.fmt(f)?;
        let client = self.ask.client_id.as_deref().unwrap_or_default();
        let text = format!("<code>{}</code> asks who you are. Be whoever you like.", Escaped(client));
        header(f, &self.name, &title, &text)?;
        f.write_str("<main class=\"single narrow\"><ul class=\"list people\">")?;
        for persona in &self.personas {
            f.write_str("<li><form method=\"post\" action=\"/sign-in\">")?;
            hidden(f, &self.ask.fields())?;
            write!(
                f,
                "<input type=\"hidden\" name=\"persona\" value=\"{sub}\"><div><h2>{name}</h2>\
                 <p>{mail}{verified}</p><p>{work}</p><p>{groups}</p></div>\
                 <button class=\"primary\" aria-label=\"Sign in as {name}\">Sign in</button></form></li>",
                sub = Escaped(&persona.sub),
                name = Escaped(shown(persona)),
                mail = Escaped(&persona.email),
                verified = verified(persona),
                work = Escaped(&work(persona)),
                groups = Escaped(&persona.groups.join(", ")),
            )?;
        }
        f.write_str("</ul><form method=\"post\" action=\"/sign-in\">")?;
        hidden(f, &self.ask.fields())?;
        write!(f, "<button>Cancel</button></form></main>{FOOT}")
    }
}

/// Where somebody says that they want to leave.
pub(super) struct SignOut<'a> {
    name: String,
    /// Who they are, where that is known.
    who: Option<String>,
    leave: &'a Leave,
}

impl<'a> SignOut<'a> {
    pub(super) fn of(shared: &Shared, leave: &'a Leave) -> Self {
        let world = shared.world();
        let sub = leave.session(&world).map(|session| session.sub.as_str());
        let persona = world.personas.iter().find(|persona| Some(persona.sub.as_str()) == sub);
        Self { name: shared.name.clone(), who: persona.map(|persona| shown(persona).to_owned()), leave }
    }
}

impl fmt::Display for SignOut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = format!("Sign out of {}", self.name);
        Head { title: &title, system: &self.name, version: None }.fmt(f)?;
        let text = match &self.who {
            Some(who) => format!("You are signed in as {}.", Escaped(who)),
            None => "You are signed out already, or somebody else sent you here.".to_owned(),
        };
        header(f, &self.name, &title, &text)?;
        f.write_str("<main class=\"single narrow\"><form method=\"post\" action=\"/sign-out\">")?;
        hidden(f, &self.leave.fields())?;
        write!(f, "<button class=\"primary\">Sign out</button></form></main>{FOOT}")
    }
}

/// A page that only says something.
pub(super) struct Notice<'a> {
    pub(super) name: &'a str,
    pub(super) title: &'a str,
    pub(super) text: &'a str,
}

impl fmt::Display for Notice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Head { title: self.title, system: self.name, version: None }.fmt(f)?;
        header(f, self.name, self.title, &Escaped(self.text).to_string())?;
        write!(f, "<main class=\"single\"><p><a href=\"/\">{}</a></p></main>{FOOT}", Escaped(self.name))
    }
}

/// The form for what is told of somebody.
pub(super) struct Sheet<'a> {
    pub(super) name: &'a str,
    /// Without `sub`: somebody new.
    pub(super) persona: &'a Persona,
    pub(super) problem: Option<&'a str>,
}

impl fmt::Display for Sheet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, persona, problem } = self;
        let is_new = persona.sub.is_empty();
        let title = if is_new { "Somebody new" } else { shown(persona) };
        let path = if is_new { "/personas".to_owned() } else { format!("/personas/{}", persona.sub) };
        Head { title: &format!("{title} – {name}"), system: name, version: None }.fmt(f)?;
        let text = "What applications are told of them, from their next sign-in on. What is empty is not told.";
        header(f, name, title, text)?;
        f.write_str("<main class=\"single narrow\">")?;
        alert(f, *problem)?;
        write!(f, "<form class=\"card sheet\" method=\"post\" action=\"{}\">", Escaped(&path))?;
        field(f, "user_name", "User name", &persona.user_name)?;
        field(f, "display_name", "Display name", &persona.display_name)?;
        field(f, "given_name", "First name", &persona.given_name)?;
        field(f, "family_name", "Last name", &persona.family_name)?;
        field(f, "email", "Mail", &persona.email)?;
        let checked = if persona.email_verified { " checked" } else { "" };
        write!(
            f,
            "<label class=\"check\"><input type=\"checkbox\" name=\"email_verified\" value=\"true\"{checked}> \
             The mail is verified</label>"
        )?;
        field(f, "title", "Title", &persona.title)?;
        field(f, "department", "Department", &persona.department)?;
        field(f, "groups", "Groups, between commas", &persona.groups.join(", "))?;
        buttons(f, if is_new { "Add" } else { "Save" })
    }
}

/// The form for another application.
pub(super) struct Application<'a> {
    pub(super) name: &'a str,
    pub(super) addresses: &'a Addresses,
    pub(super) problem: Option<&'a str>,
}

impl fmt::Display for Application<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = "Another application";
        Head { title: &format!("{title} – {}", self.name), system: self.name, version: None }.fmt(f)?;
        header(f, self.name, title, "It gets an id and a secret, with which it may send people here.")?;
        f.write_str("<main class=\"single narrow\">")?;
        alert(f, self.problem)?;
        f.write_str("<form class=\"card sheet\" method=\"post\" action=\"/applications\">")?;
        field(f, "redirect_uri", "Redirect URI, where people go back to", &self.addresses.redirect_uri)?;
        field(f, "post_logout_uri", "Where they go after signing out, if anywhere", &self.addresses.post_logout_uri)?;
        field(f, "back_channel", "Where it is told of sign-outs, if anywhere", &self.addresses.back_channel)?;
        buttons(f, "Add")
    }
}

fn alert(f: &mut fmt::Formatter<'_>, problem: Option<&str>) -> fmt::Result {
    problem.map_or(Ok(()), |problem| write!(f, "<p class=\"problem\" role=\"alert\">{}</p>", Escaped(problem)))
}

/// The end of a form, and of its page.
fn buttons(f: &mut fmt::Formatter<'_>, word: &str) -> fmt::Result {
    write!(
        f,
        "<p class=\"buttons\"><button class=\"primary\">{word}</button> <a class=\"button\" href=\"/\">Cancel</a></p>\
         </form></main>{FOOT}"
    )
}

fn field(f: &mut fmt::Formatter<'_>, name: &str, label: &str, value: &str) -> fmt::Result {
    write!(f, "<label>{label}<input name=\"{name}\" value=\"{}\" autocomplete=\"off\"></label>", Escaped(value))
}
