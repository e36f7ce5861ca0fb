//! `kill -9` while the target holds its answer, then a restart: the real binary, as a process of its own.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use egress::{Egress, Policy, Request, Response};
use http::{HeaderValue, Method};
use rehearsal::AcmeCloud;
use secrecy::SecretString;
use serde_json::{Value, json};

const TOKEN: &str = "acme-token";
const PASSWORD: &str = "correct horse battery staple";

/// The binary on a data folder; killed with the test.
struct Process {
    child: Child,
    url: String,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Process {
    fn start(folder: &Path) -> Self {
        let mut child = usher(folder)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("USHER_TARGET_ALLOW", "127.0.0.0/8")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let url = log
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                let (_, after) = line.split_once("ready at ")?;
                after.split_once("/console").map(|(url, _)| url.to_owned())
            })
            .expect("it says where it is ready");
        // A full pipe would stop it.
        std::thread::spawn(move || log.for_each(drop));
        Self { child, url }
    }

    /// SIGKILL: nothing is finished, nothing is said.
    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn usher(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_usher"));
    command.env_clear().env("USHER_DATA_DIR", folder);
    command
}

/// Usher with one connector at Acme Cloud, and a way to call it.
struct Scene {
    acme: AcmeCloud,
    folder: tempfile::TempDir,
    process: Process,
    token: SecretString,
    egress: Egress,
}

impl Scene {
    async fn with(rules: Value) -> Self {
        let acme = AcmeCloud::builder().token(TOKEN).start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let process = Process::start(folder.path());
        let made = usher(folder.path())
            .args(["token", "create", "--name", "test", "--scope", "admin", "--scope", "scim"])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let token = SecretString::from(String::from_utf8(made.stdout).unwrap().trim());
        let policy = Policy {
            allow: vec!["127.0.0.0/8".parse().unwrap()],
            total_timeout: Duration::from_mins(1),
            ..Policy::default()
        };
        let scene = Self { acme, folder, process, token, egress: Egress::new(policy).unwrap() };
        scene.connect(rules).await;
        scene
    }

    async fn connect(&self, rules: Value) {
        let connection = self.made("/api/v1/connections", json!({ "name": "Acme Cloud" })).await;
        let connector = json!({
            "kind": "scim2",
            "enabled": true,
            "properties": {
                "authentication_mode": "bearer",
                "access_token": TOKEN,
                "user_endpoint": self.acme.users_endpoint(),
            },
        });
        let id = connection["id"].as_str().unwrap();
        let connector = self.made(&format!("/api/v1/connections/{id}/connectors"), connector).await;
        let mut provisioner = rules;
        provisioner["connection_id"] = connection["id"].clone();
        provisioner["connector_id"] = connector["id"].clone();
        self.made("/api/v1/provisioners", provisioner).await;
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        call(&self.egress, &self.token, method, &format!("{}{path}", self.process.url), body).await.unwrap()
    }

    async fn made(&self, path: &str, body: Value) -> Value {
        let answer = self.call(Method::POST, path, Some(body)).await;
        assert_eq!(answer.status, 201, "{path}: {}", String::from_utf8_lossy(&answer.body));
        answer.json().unwrap()
    }

    /// Posts Ada without waiting for the answer, which the kill may cut off.
    fn ada_comes(&self) {
        let (egress, token) = (self.egress.clone(), self.token.clone());
        let url = format!("{}/scim2/Users", self.process.url);
        tokio::spawn(async move {
            let _ = call(&egress, &token, Method::POST, &url, Some(ada())).await;
        });
    }

    fn kill_and_restart(&mut self) {
        self.process.kill();
        self.process = Process::start(self.folder.path());
    }

    async fn users_here(&self) -> i64 {
        let path = "/scim2/Users?filter=userName%20eq%20%22ada%22";
        let list: Value = self.call(Method::GET, path, None).await.json().unwrap();
        list["totalResults"].as_i64().unwrap()
    }

    /// Asks until what the engine does by itself is done. A create whose answer was lost is looked for during a minute.
    async fn until(&self, what: &str, done: impl AsyncFn(&Self) -> bool) {
        let wait = async {
            while !done(self).await {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(3), wait)
            .await
            .unwrap_or_else(|_| panic!("{what} did not come about"));
    }

    /// The cookie of an administrator who is made for it.
    async fn administrator(&self) -> HeaderValue {
        let mut create = usher(self.folder.path())
            .args(["admin", "create", "--username", "root", "--password-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        writeln!(create.stdin.take().unwrap(), "{PASSWORD}").unwrap();
        assert!(create.wait().unwrap().success());
        let answer = self.form("session/sign-in", None, &[("user_name", "root"), ("password", PASSWORD)]).await;
        let cookie = answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        cookie.parse().unwrap()
    }

    /// Posts a form of the console.
    async fn form(&self, function: &str, cookie: Option<&HeaderValue>, fields: &[(&str, &str)]) -> Response {
        let url = format!("{}/console/-/{function}", self.process.url);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = Request::new(Method::POST, url.parse().unwrap())
            .header("sec-fetch-site".parse().unwrap(), HeaderValue::from_static("same-origin"))
            .body(HeaderValue::from_static("application/x-www-form-urlencoded"), body);
        if let Some(cookie) = cookie {
            request = request.header(http::header::COOKIE, cookie.clone());
        }
        let answer = self.egress.send(request).await.unwrap();
        assert_eq!(answer.status, 200, "{function}: {}", String::from_utf8_lossy(&answer.body));
        answer
    }

    async fn count_here(&self) -> i64 {
        let list: Value = self.call(Method::GET, "/scim2/Users?count=0", None).await.json().unwrap();
        list["totalResults"].as_i64().unwrap()
    }

    async fn all_done(&self) -> bool {
        let list: Value = self.call(Method::GET, "/api/v1/deliveries", None).await.json().unwrap();
        list["items"].as_array().unwrap().iter().all(|delivery| delivery["state"] == "done")
    }

    fn accounts_there(&self) -> usize {
        self.acme.accounts().iter().filter(|account| account.user_name == "ada").count()
    }
}

fn ada() -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada", "title": "Analyst" })
}

async fn call(
    egress: &Egress,
    token: &SecretString,
    method: Method,
    url: &str,
    body: Option<Value>,
) -> Result<Response, egress::Trouble> {
    let mut request = Request::new(method, url.parse().unwrap()).bearer(token).unwrap();
    if let Some(body) = body {
        request = request.body(HeaderValue::from_static("application/json"), body.to_string());
    }
    egress.send(request).await
}

/// Where the process is killed.
#[derive(Clone, Copy, Debug)]
enum Point {
    /// The target holds a look-up: nothing is claimed in the database yet.
    BeforeTheClaim,
    /// The create is on its way; the target has not acted on it.
    InFlight,
    /// The target has made the account; its answer never arrives.
    AfterTheChange,
}

impl Point {
    /// Makes the target hold, lets Ada come, and returns once the process stands exactly there.
    async fn reach(self, scene: &Scene) {
        match self {
            Self::BeforeTheClaim => scene.acme.hold_before(),
            Self::InFlight => {
                scene.acme.let_reads_pass();
                scene.acme.hold_before();
            }
            Self::AfterTheChange => {
                scene.acme.let_reads_pass();
                scene.acme.hold_answers();
            }
        }
        scene.acme.forget_requests();
        scene.ada_comes();
        let method = if matches!(self, Self::BeforeTheClaim) { Method::GET } else { Method::POST };
        let acted = matches!(self, Self::AfterTheChange);
        scene.acme.wait_for_request(move |logged| logged.method == method && logged.status.is_some() == acted).await;
    }
}

async fn exactly_one_account_arrives(point: Point) {
    let mut scene = Scene::with(json!({})).await;
    point.reach(&scene).await;
    scene.kill_and_restart();
    scene.acme.release();
    scene.until("the delivery", async |scene| scene.accounts_there() == 1 && scene.all_done().await).await;
    assert_eq!((scene.users_here().await, scene.accounts_there()), (1, 1), "{point:?}");
}

async fn staged_under_keep_is_one_here_and_one_there(point: Point) {
    let mut scene = Scene::with(json!({ "blocking": true, "on_blocking_failure": "keep" })).await;
    point.reach(&scene).await;
    assert_eq!(scene.users_here().await, 0, "{point:?}: nobody sees a staged user");
    scene.kill_and_restart();
    scene.acme.release();
    scene.until("the delivery", async |scene| scene.accounts_there() == 1 && scene.all_done().await).await;
    assert_eq!((scene.users_here().await, scene.accounts_there()), (1, 1), "{point:?}");
}

async fn staged_under_refuse_is_nobody_here_and_nobody_there(point: Point) {
    let mut scene = Scene::with(json!({ "blocking": true })).await;
    point.reach(&scene).await;
    scene.kill_and_restart();
    scene.acme.release();
    scene.until("the removal", async |scene| scene.accounts_there() == 0 && scene.all_done().await).await;
    assert_eq!((scene.users_here().await, scene.accounts_there()), (0, 0), "{point:?}");
}

/// Killed while the first of a list are with the target and the others have not begun.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_goes_on_after_a_restart_and_makes_nobody_twice() {
    let mut scene = Scene::with(json!({ "blocking": true, "on_blocking_failure": "keep" })).await;
    let cookie = scene.administrator().await;
    let names: Vec<String> = (0..60).map(|number| format!("user{number:02}")).collect();
    let list = format!("username,groups\n{},Guides\n", names.join(",Guides\n"));
    let read: Value = scene.form("imports/read", Some(&cookie), &[("text", &list)]).await.json().unwrap();
    let import = read["done"]["to"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();

    scene.acme.let_reads_pass();
    scene.acme.hold_before();
    scene.form("imports/start", Some(&cookie), &[("id", &import), ("create_groups", "true")]).await;
    scene.acme.wait_for_request(|logged| logged.method == Method::POST).await;
    assert_eq!(scene.count_here().await, 1, "root alone is real");
    scene.kill_and_restart();
    scene.acme.release();

    let result = format!("/console/users/imports/{import}/result.csv");
    scene
        .until("the import", async |scene| {
            let url = format!("{}{result}", scene.process.url).parse().unwrap();
            let request = Request::new(Method::GET, url).header(http::header::COOKIE, cookie.clone());
            let answer = scene.egress.send(request).await.unwrap();
            let created = String::from_utf8_lossy(&answer.body).matches(",created,").count();
            created == names.len() && scene.all_done().await
        })
        .await;
    assert_eq!(scene.count_here().await, 61);
    let mut there: Vec<String> = scene.acme.accounts().into_iter().map(|account| account.user_name).collect();
    there.sort();
    assert_eq!(there, names);
    let group = "/scim2/Groups?filter=displayName%20eq%20%22Guides%22";
    let groups: Value = scene.call(Method::GET, group, None).await.json().unwrap();
    assert_eq!(groups["Resources"][0]["members"].as_array().map(Vec::len), Some(60));
}

macro_rules! killed {
    ($($name:ident: $story:ident($point:ident);)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            $story(Point::$point).await;
        }
    )+};
}

killed! {
    before_the_claim: exactly_one_account_arrives(BeforeTheClaim);
    in_flight: exactly_one_account_arrives(InFlight);
    after_the_change: exactly_one_account_arrives(AfterTheChange);
    before_the_claim_under_keep: staged_under_keep_is_one_here_and_one_there(BeforeTheClaim);
    in_flight_under_keep: staged_under_keep_is_one_here_and_one_there(InFlight);
    after_the_change_under_keep: staged_under_keep_is_one_here_and_one_there(AfterTheChange);
    before_the_claim_under_refuse: staged_under_refuse_is_nobody_here_and_nobody_there(BeforeTheClaim);
    in_flight_under_refuse: staged_under_refuse_is_nobody_here_and_nobody_there(InFlight);
    after_the_change_under_refuse: staged_under_refuse_is_nobody_here_and_nobody_there(AfterTheChange);
}
