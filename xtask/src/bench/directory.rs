//! Directories of several sizes, over SCIM: what is done with one user costs the same among a million as among a
//! thousand. Beside them the peers, at the sizes that they can be filled to.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use super::{
    Bench, CONNECTIONS, Clock, Memory,
    http::{Client, free_port},
    load::{Load, Measured, Request},
    pages::{self, next_page},
    server::{Server, wait_for},
};
use crate::{peers, process::Running, workspace::Workspace};

const SMALL_GROUP: u32 = 10;
const LARGE_GROUP: u32 = 100_000;
const SMALL: &str = "member of 10";
const LARGE: &str = "member of the large group";
/// Users whom requests are about.
const SAMPLE: usize = 1_000;
const PAGE: usize = 200;
/// A peer that is not filled within this time is left out.
const FILLED_WITHIN: Duration = Duration::from_mins(1);
/// Times a share in which the list is turned to its last page; where it is not, the deepest one counts as the last.
const TURNED_WITHIN: u32 = 24;
const MEMORY_AIM_MB: u64 = 150;
const SAME_COST: f64 = 1.5;
pub(super) const JSON: &str = "application/scim+json";
const OURS: &str = "usher";

/// What is asked for of one user, by name.
const USER_TASKS: [&str; 5] = ["read", "by userName", "by externalId", "by mail", "PATCH"];

/// And one member more or less of two groups, and a user created.
const TASKS: usize = USER_TASKS.len() + 3;

/// A user whom requests are about.
#[derive(Clone, Debug)]
struct Known {
    id: String,
    user_name: String,
    external_id: String,
    mail: String,
}

/// A SCIM service with people in it.
struct Service<'a> {
    name: &'a str,
    port: u16,
    base: &'a str,
    token: String,
    sample: Vec<Known>,
}

/// Medians with one connection, by what was done; for the ratios.
struct Figures {
    users: u32,
    medians: Vec<(&'static str, Duration)>,
    pages: Vec<(&'static str, Duration)>,
}

impl Figures {
    fn median(&self, task: &str) -> Option<Duration> {
        self.medians.iter().find(|(name, _)| *name == task).map(|(_, median)| *median)
    }
}

pub(super) fn measure(bench: &Bench, workspace: &Workspace, sizes: &[u32], clock: &Clock) -> Result<()> {
    let (mut all, mut is_whole) = (Vec::new(), true);
    for &users in sizes {
        if clock.is_over(&format!("a directory of {users}")) {
            break;
        }
        match usher(bench, users, clock) {
            Ok(figures) => all.extend(figures),
            Err(error) => {
                println!("usher, {users} users: {error:#}");
                is_whole = false;
            }
        }
    }
    ratios(&all);
    beside_peers(workspace, sizes, clock)?;
    is_whole &= all.iter().all(|figures| figures.medians.len() == TASKS);
    ensure!(is_whole, "some of it could not be measured; why, is said above");
    Ok(())
}

fn beside_peers(workspace: &Workspace, sizes: &[u32], clock: &Clock) -> Result<()> {
    let peers = peers::install(workspace)?;
    for start in [scimmy as Start, scim2_server] {
        for &users in sizes {
            if clock.is_over(&format!("a peer with {users} users")) {
                return Ok(());
            }
            let (_process, mut service) = start(workspace, &peers)?;
            match peer(&mut service, users, clock) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => println!("{}, {users} users: {error:#}", service.name),
            }
        }
    }
    Ok(())
}

fn usher(bench: &Bench, users: u32, clock: &Clock) -> Result<Option<Figures>> {
    let data = bench.folder.join(format!("directory-{users}"));
    // Half of them at most: those who join it are others.
    let large = LARGE_GROUP.min(users / 2);
    let mut fill = Command::new(&bench.binary);
    fill.args(["test-data", "--users", &users.to_string(), "--group", "10", "--group", &large.to_string()]);
    if !clock.fills(fill.arg("--data-dir").arg(&data), users)? {
        return Ok(None);
    }
    let server = Server::start(&bench.binary, &data)?;
    let token = server.token("scim")?;
    let mut service = Service { name: OURS, port: server.port, base: "/scim2", token, sample: Vec::new() };
    service.sample = sample(&service, users)?;
    let groups = [(SMALL, group_of_size(&service, SMALL_GROUP)?), (LARGE, group_of_size(&service, large)?)];
    // Before more users are made.
    let mut pages = cursor_pages(&service, users, clock)?;
    pages.extend(console_pages(&server, users, clock)?);
    let medians = tasks(&service, users, &groups, clock)?;
    println!("usher, {users} users: memory{}; aim {MEMORY_AIM_MB}", Memory::of(&server.process)?);
    drop(server);
    fs::remove_dir_all(&data).with_context(|| format!("removing {}", data.display()))?;
    Ok(Some(Figures { users, medians, pages }))
}

/// False where it cannot be filled so far.
fn peer(service: &mut Service<'_>, users: u32, clock: &Clock) -> Result<bool> {
    if !fill(service, users, clock)? {
        return Ok(false);
    }
    let group = group_of(service, SMALL_GROUP)?;
    tasks(service, users, &[(SMALL, group)], clock)?;
    Ok(true)
}

/// Everything that is done with one user or one member; the medians with one connection.
fn tasks(
    service: &Service<'_>,
    users: u32,
    groups: &[(&'static str, String)],
    clock: &Clock,
) -> Result<Vec<(&'static str, Duration)>> {
    let mut medians = Vec::new();
    let mut task = |task: &'static str, request: &(dyn Fn(u64, u32) -> Request + Sync)| -> Result<()> {
        let load = |connections: u32| {
            let measured = service.load(connections, clock.share()).run(|number| request(number, connections));
            measured.with_context(|| format!("{}: {task}", service.name))
        };
        match load(1).and_then(|alone| Ok((alone, load(CONNECTIONS)?))) {
            Ok((alone, together)) => {
                print(service.name, users, task, &together, &alone);
                medians.push((task, alone.median()));
            }
            // The rest is measured all the same.
            Err(error) => println!("{}, {users} users: {task}: {error:#}", service.name),
        }
        Ok(())
    };
    for name in USER_TASKS {
        task(name, &|number, _| about_user(service, name, number))?;
    }
    for (name, group) in groups {
        task(name, &|number, _| about_member(service, group, number))?;
    }
    task("create", &|number, connections| new_user(service.base, &format!("made-{connections}"), number))?;
    Ok(medians)
}

fn print(name: &str, users: u32, task: &str, together: &Measured, alone: &Measured) {
    let alone = alone.median().as_secs_f64() * 1_000.0;
    println!("{:<44}{together}   alone {alone:>7.2} ms", format!("{name}, {users} users: {task}"));
}

impl Service<'_> {
    fn load(&self, connections: u32, lasts: Duration) -> Load<'_> {
        Load { port: self.port, token: &self.token, media_type: JSON, connections, lasts }
    }

    /// One of the sample, each in turn.
    fn known(&self, number: u64) -> &Known {
        let place = usize::try_from(number).unwrap_or_default() % self.sample.len();
        &self.sample[place]
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Result<Value> {
        let authorization = format!("Bearer {}", self.token);
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", JSON)];
        let path = format!("{}{path}", self.base);
        let answer = Client::connect(self.port)?.send(method, &path, &headers, body)?;
        ensure!(answer.status < 300, "{method} {path} was answered with {}: {}", answer.status, answer.text());
        answer.json()
    }
}

fn about_user(service: &Service<'_>, task: &str, number: u64) -> Request {
    let (known, base) = (service.known(number), service.base);
    let found = |attribute: &str, value: &str| {
        Request::get(format!("{base}/Users?filter={attribute}%20eq%20%22{}%22", value.replace('@', "%40")))
    };
    match task {
        "by userName" => found("userName", &known.user_name),
        "by externalId" => found("externalId", &known.external_id),
        "by mail" => found("emails.value", &known.mail),
        "PATCH" => patch(
            format!("{base}/Users/{}", known.id),
            &format!(r#"{{"op":"replace","path":"title","value":"Title {number}"}}"#),
        ),
        _ => Request::get(format!("{base}/Users/{}", known.id)),
    }
}

/// One member more, and the same one less: the next is no member before either. Without the members in the answer, which
/// would be another for each size.
fn about_member(service: &Service<'_>, group: &str, number: u64) -> Request {
    // Those in the first half of the directory may be members.
    let strangers = service.sample.len() as u64 * 3 / 5..service.sample.len() as u64;
    let id = &service.known(strangers.start + number % (strangers.end - strangers.start)).id;
    let path = format!("{}/Groups/{group}?attributes=displayName", service.base);
    let add = format!(r#"{{"op":"add","path":"members","value":[{{"value":"{id}"}}]}}"#);
    let remove = format!(r#"{{"op":"remove","path":"members[value eq \"{id}\"]"}}"#);
    Request { undo: Some(Box::new(patch(path.clone(), &remove))), ..patch(path, &add) }
}

fn patch(path: String, operation: &str) -> Request {
    let body = format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{operation}]}}"#);
    Request::new("PATCH", path, body)
}

pub(super) fn new_user(base: &str, prefix: &str, number: u64) -> Request {
    let name = format!("{prefix}-{number}");
    let body = format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{name}","externalId":"{name}","name":{{"givenName":"Ada","familyName":"Lovelace"}},"active":true,"emails":[{{"value":"{name}@example.com","primary":true}}]}}"#
    );
    Request::new("POST", format!("{base}/Users"), body)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn known(user: &Value) -> Known {
    Known {
        id: text(&user["id"]),
        user_name: text(&user["userName"]),
        external_id: text(&user["externalId"]),
        mail: text(&user["emails"][0]["value"]),
    }
}

/// Some from everywhere in the list.
fn sample(service: &Service<'_>, users: u32) -> Result<Vec<Known>> {
    let mut sample = Vec::with_capacity(SAMPLE);
    let pages = SAMPLE / PAGE;
    for page in 0..pages {
        let start = u64::from(users) * page as u64 / pages as u64 + 1;
        let list = service.ask("GET", &format!("/Users?count={PAGE}&startIndex={start}"), "")?;
        let users = list["Resources"].as_array().context("a list has resources")?;
        sample.extend(users.iter().filter(|user| user["externalId"].is_string()).map(known));
    }
    // Some services have pages of 20, whatever is asked for.
    ensure!(sample.len() >= 10 * pages, "only {} users were found to ask about", sample.len());
    Ok(sample)
}

/// The group of this size that the test data have.
fn group_of_size(service: &Service<'_>, size: u32) -> Result<String> {
    let path = format!("/Groups?excludedAttributes=members&filter=displayName%20ew%20%22of%20{size}%22");
    let list = service.ask("GET", &path, "")?;
    let id = list["Resources"][0]["id"].as_str();
    Ok(id.with_context(|| format!("there is no group of {size}"))?.to_owned())
}

/// Makes a group of the first of the sample.
fn group_of(service: &Service<'_>, size: u32) -> Result<String> {
    let members: Vec<Value> =
        service.sample.iter().take(size as usize).map(|known| serde_json::json!({"value": known.id})).collect();
    let group = serde_json::json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Ten", "members": members,
    });
    Ok(text(&service.ask("POST", "/Groups", &group.to_string())?["id"]))
}

/// Fills a peer by SCIM, its only way; false where that takes too long.
fn fill(service: &mut Service<'_>, users: u32, clock: &Clock) -> Result<bool> {
    let (base, name, within) = (service.base, service.name, clock.at_most(FILLED_WITHIN));
    let load = service.load(CONNECTIONS, within);
    let filled = load.run_until(users.into(), |number| new_user(base, "known", number))?;
    if filled.count < usize::try_from(users)? {
        println!("{name}, {users} users: not within {} s; it came to {}", within.as_secs(), filled.count);
        return Ok(false);
    }
    service.sample = sample(service, users)?;
    Ok(true)
}

/// Starts an empty peer.
type Start = fn(&Workspace, &Path) -> Result<(Running, Service<'static>)>;

fn scimmy(workspace: &Workspace, peers: &Path) -> Result<(Running, Service<'static>)> {
    let (port, token) = (free_port()?, "token-of-scimmy");
    let mut command = Command::new(peers::node()?);
    let script: PathBuf = workspace.root.join("end2end/peers/scimmy.mjs");
    command.arg(script).args([&port.to_string(), token]).current_dir(peers);
    let mut process = Running::start(&command)?;
    wait_for(port, "/scim/ServiceProviderConfig", 401, &mut process)?;
    Ok((process, Service { name: "scimmy", port, base: "/scim", token: token.to_owned(), sample: Vec::new() }))
}

fn scim2_server(_: &Workspace, peers: &Path) -> Result<(Running, Service<'static>)> {
    let (port, token) = (free_port()?, "token-of-scim2-server");
    let mut command = Command::new(peers.join("venv/bin/scim2-server"));
    command.args(["--port", &port.to_string(), "--bearer-token", token]).current_dir(peers);
    let mut process = Running::start_quietly(&command)?;
    wait_for(port, "/v2/Users", 401, &mut process)?;
    Ok((process, Service { name: "scim2-server", port, base: "/v2", token: token.to_owned(), sample: Vec::new() }))
}

/// Turns the list from its first page to its last, then asks for the first, the middle and the last again and again.
fn cursor_pages(service: &Service<'_>, users: u32, clock: &Clock) -> Result<Vec<(&'static str, Duration)>> {
    let address = |cursor: &str| format!("{}/Users?count={PAGE}&cursor={cursor}", service.base);
    let authorization = format!("Bearer {}", service.token);
    let mut client = Client::connect(service.port)?;
    let mut cursors = vec![String::new()];
    let (began, within) = (Instant::now(), clock.share() * TURNED_WITHIN);
    while let Some(cursor) = cursors.last()
        && began.elapsed() < within
    {
        let answer = client.get(&address(cursor), &[("Authorization", &authorization)])?;
        ensure!(answer.status == 200, "a page was answered with {}: {}", answer.status, answer.text());
        // Not read as JSON, which would take this program longer than the server took to write it.
        let page = answer.text();
        let next = page.split_once("\"nextCursor\":\"").and_then(|(_, next)| next.split('"').next());
        match next {
            Some(next) => cursors.push(next.to_owned()),
            None => break,
        }
    }
    let pages = cursors.len();
    let all = if began.elapsed() < within { "all" } else { "the first" };
    println!("usher, {users} users: {all} {pages} pages by cursor{:>8.1} s", began.elapsed().as_secs_f32());
    // The last one is mostly short.
    let places = [("page, first", 0), ("page, middle", pages / 2), ("page, last", pages.saturating_sub(2))];
    let mut medians = Vec::new();
    for (name, place) in places {
        let path = address(&cursors[place]);
        let measured = service.load(1, clock.share()).run(|_| Request::get(path.clone()))?;
        println!("{:<44}{measured}", format!("usher, {users} users: {name} of {pages}"));
        medians.push((name, measured.median()));
    }
    Ok(medians)
}

/// The console's list of users: its first page, and one as deep as its links lead meanwhile.
fn console_pages(server: &Server, users: u32, clock: &Clock) -> Result<Vec<(&'static str, Duration)>> {
    let cookie = server.sign_in()?;
    let mut client = Client::connect(server.port)?;
    let mut links = vec![pages::USERS.to_owned()];
    let began = Instant::now();
    while let Some(link) = links.last()
        && began.elapsed() < clock.share() * 2
    {
        let Some(next) = next_page(&client.get(link, &[("Cookie", &cookie)])?.text()) else { break };
        links.push(next);
    }
    // The last one may be short.
    let deep = links.len().saturating_sub(2);
    let mut medians = Vec::new();
    for (name, place) in [("console, first", 0), ("console, deep", deep)] {
        let path = &links[place];
        let (mut times, began) = (Vec::new(), Instant::now());
        while began.elapsed() < clock.share() {
            let sent = Instant::now();
            let answer = client.get(path, &[("Cookie", &cookie)])?;
            times.push(sent.elapsed());
            ensure!(answer.status == 200, "{path} was answered with {}", answer.status);
        }
        let measured = Measured::of(times, began.elapsed())?;
        println!("{:<44}{measured}", format!("usher, {users} users: {name} (page {})", place + 1));
        medians.push((name, measured.median()));
    }
    Ok(medians)
}

/// Largest to smallest, last page to first, large group to small.
fn ratios(all: &[Figures]) {
    let print = |what: String, large: Option<Duration>, small: Option<Duration>| {
        if let (Some(large), Some(small)) = (large, small) {
            let ratio = large.as_secs_f64() / small.as_secs_f64();
            println!("{what:<60}{ratio:>8.2} : 1   aim {SAME_COST}");
        }
    };
    if let [smallest, .., largest] = all {
        for task in USER_TASKS {
            let what = format!("{task}: {} users to {}", largest.users, smallest.users);
            print(what, largest.median(task), smallest.median(task));
        }
    }
    for figures in all {
        let users = figures.users;
        let what = format!("{users} users: one member, large group to small");
        print(what, figures.median(LARGE), figures.median(SMALL));
        let page = |name: &str| figures.pages.iter().find(|(known, _)| *known == name).map(|(_, median)| *median);
        for (name, first) in
            [("page, middle", "page, first"), ("page, last", "page, first"), ("console, deep", "console, first")]
        {
            print(format!("{users} users: {name} to {first}"), page(name), page(first));
        }
    }
}

/// Users created as fast as they are taken, each service empty at first.
pub(super) fn creates(bench: &Bench, workspace: &Workspace, clock: &Clock) -> Result<()> {
    let lasts = clock.share() * 2;
    let data = bench.folder.join("load");
    let usher = {
        let server = Server::start(&bench.binary, &data)?;
        let token = server.token("scim")?;
        created("usher", server.port, "/scim2", &token, lasts)?
    };
    let bare = {
        let port = free_port()?;
        let data = bench.folder.join("bare");
        let mut process = Running::start(Command::new(bench.bare(workspace)?).arg(port.to_string()).arg(data))?;
        wait_for(port, "/Users", 405, &mut process)?;
        created("bare inserts", port, "", "", lasts)?
    };
    let peers = peers::install(workspace)?;
    let peer = |start: Start| {
        let (_process, service) = start(workspace, &peers)?;
        created(service.name, service.port, service.base, &service.token, lasts)
    };
    let (scimmy, scim2_server) = (peer(scimmy)?, peer(scim2_server)?);
    println!("usher : bare inserts{:>44.2} : 1   aim 0.60", usher / bare);
    println!("usher : scimmy{:>50.2} : 1   aim 3.00", usher / scimmy);
    println!("usher : scim2-server{:>44.2} : 1", usher / scim2_server);
    Ok(())
}

fn created(name: &str, port: u16, base: &str, token: &str, lasts: Duration) -> Result<f64> {
    let media_type = if base.is_empty() { "application/json" } else { JSON };
    let load = Load { port, token, media_type, connections: CONNECTIONS, lasts };
    let measured = load.run(|number| new_user(base, "load", number)).with_context(|| name.to_owned())?;
    println!("{:<44}{measured}", format!("{name}: create, {CONNECTIONS} connections"));
    Ok(measured.rate)
}
