//! `cargo xtask test`: every check there is, in stages, each of which sets up what it needs.

use anyhow::{Result, bail};
use clap::Args;
use std::{
    cell::RefCell,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    architecture,
    build::{self, Profile},
    docs, licences, peers, process, setup, size, wasm,
    workspace::Workspace,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Run this stage alone; may be repeated
    #[arg(long, value_name = "STAGE", value_parser = stage_names())]
    only: Vec<String>,
    /// Give the whole run this many seconds; what has not ended by then has failed
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,
    /// Give each fuzz target this many seconds in the stage `fuzz`
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=180))]
    fuzz_seconds: u64,
    /// Passed on to the tests of the stages `rust` and `browser`, after `--`
    #[arg(last = true)]
    arguments: Vec<String>,
}

struct Stage {
    name: &'static str,
    run: fn(&Run) -> Result<()>,
}

/// What fails soonest comes first; the compilers fill the target folder for what follows them.
const STAGES: &[Stage] = &[
    Stage { name: "format", run: format },
    Stage { name: "architecture", run: |run| architecture::check(run.workspace) },
    Stage { name: "docs", run: |run| docs::check(run.workspace) },
    Stage { name: "graph", run: |run| architecture::check_browser_graph(run.workspace) },
    Stage { name: "licences", run: |run| licences::check(run.workspace) },
    Stage { name: "tools", run: tools },
    Stage { name: "console", run: |run| build::console(run.workspace, Profile::Debug, false) },
    Stage { name: "size", run: |run| size::check(run.workspace) },
    Stage { name: "rust", run: rust },
    Stage { name: "fuzz", run: fuzz },
    Stage { name: "xtask", run: xtask },
    Stage { name: "clippy", run: clippy },
    Stage { name: "clippy-browser", run: clippy_browser },
    Stage { name: "server", run: server },
    Stage { name: "browser", run: |run| browser(run, "js") },
    Stage { name: "browser-without-javascript", run: |run| browser(run, "nojs") },
];

struct Run<'a> {
    workspace: &'a Workspace,
    options: &'a Options,
    began: Instant,
    /// What is to be read at the end, below the table.
    remarks: RefCell<Vec<String>>,
}

struct Outcome {
    stage: &'static str,
    took: Duration,
    result: Result<()>,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let run = Run { workspace, options, began: Instant::now(), remarks: RefCell::default() };
    let outcomes: Vec<Outcome> =
        STAGES.iter().filter(|stage| run.includes(stage.name)).map(|stage| run.stage(stage)).collect();
    let failed = outcomes.iter().filter(|outcome| outcome.result.is_err()).count();
    print_table(&outcomes);
    run.remarks.borrow().iter().for_each(|remark| println!("\n{remark}"));
    println!("Usher: {} passed, {failed} failed", outcomes.len() - failed);
    // The table has said what; a second message would stand below its last line.
    std::process::exit(i32::from(failed > 0));
}

impl Run<'_> {
    fn stage(&self, stage: &Stage) -> Outcome {
        println!("\n== {} ==", stage.name);
        let began = Instant::now();
        let result = self.remaining().and_then(|_| (stage.run)(self));
        if let Err(error) = &result {
            println!("{} failed: {error:#}", stage.name);
        }
        Outcome { stage: stage.name, took: began.elapsed(), result }
    }

    /// What is left of `--seconds`.
    fn remaining(&self) -> Result<Option<Duration>> {
        let Some(limit) = self.options.seconds.map(Duration::from_secs) else { return Ok(None) };
        match limit.checked_sub(self.began.elapsed()) {
            Some(left) if !left.is_zero() => Ok(Some(left)),
            _ => bail!("the {} s of --seconds are over", limit.as_secs()),
        }
    }

    /// The binary as the Rust tests were built with it, when they run too: their packages turn on features that make
    /// most of it another compilation.
    fn binary(&self) -> Result<PathBuf> {
        if self.includes("rust") {
            let mut command = self.workspace.cargo();
            command.arg("build").args(SERVER_HALF).args(["--bins", "--tests"]);
            self.leashed(&command)?;
            return Ok(build::binary(self.workspace, Profile::Debug));
        }
        build::server(self.workspace, Profile::Debug)
    }

    fn includes(&self, stage: &str) -> bool {
        self.options.only.is_empty() || self.options.only.iter().any(|only| only == stage)
    }

    fn remark(&self, heading: &str, file: &Path) {
        match fs::read_to_string(file) {
            Ok(text) if !text.is_empty() => self.remarks.borrow_mut().push(format!("{heading}\n{text}")),
            _ => {}
        }
    }

    fn leashed(&self, command: &Command) -> Result<()> {
        process::run_leashed(command, self.remaining()?)
    }

    fn cargo(&self, arguments: &[&str]) -> Result<()> {
        let mut command = self.workspace.cargo();
        command.args(arguments);
        self.leashed(&command)
    }
}

fn stage_names() -> clap::builder::PossibleValuesParser {
    STAGES.iter().map(|stage| stage.name).collect::<Vec<_>>().into()
}

fn print_table(outcomes: &[Outcome]) {
    println!("\n{:<28} {:>8}", "stage", "seconds");
    for Outcome { stage, took, result } in outcomes {
        let mark = if result.is_ok() { "" } else { "failed" };
        println!("{}", format!("{stage:<28} {:>8.1}  {mark}", took.as_secs_f32()).trim_end());
    }
}

fn format(run: &Run) -> Result<()> {
    run.cargo(&["fmt", "--all", "--check"])
}

fn tools(run: &Run) -> Result<()> {
    println!("browser: {}", setup::chromium()?.display());
    println!("peers: {}", peers::install(run.workspace)?.display());
    Ok(())
}

/// Everything but the browser's half and this script, whose features are other ones.
const SERVER_HALF: &[&str] = &["--workspace", "--exclude", "frontend", "--exclude", "xtask", "--features", "app/ssr"];

fn rust(run: &Run) -> Result<()> {
    let mut command = run.workspace.cargo();
    command.arg("test").args(SERVER_HALF).args(["--no-fail-fast", "--"]).args(&run.options.arguments);
    run.leashed(&command)
}

/// What tries random input for a while, by its name. With the rest of the tests it has a second.
fn fuzz(run: &Run) -> Result<()> {
    let mut command = run.workspace.cargo();
    command.arg("test").args(SERVER_HALF).args(["--lib", "--bins", "--tests", "--no-fail-fast", "--", "fuzz"]);
    command.env("USHER_FUZZ_SECONDS", run.options.fuzz_seconds.to_string());
    run.leashed(&command)
}

fn xtask(run: &Run) -> Result<()> {
    run.cargo(&["test", "--package", "xtask"])
}

fn clippy(run: &Run) -> Result<()> {
    lint(run, SERVER_HALF)?;
    lint(run, &["--package", "xtask"])
}

/// The browser's half as the browser gets it, where this compiler can; else as if it ran here.
fn clippy_browser(run: &Run) -> Result<()> {
    let target: &[&str] = if wasm::rustup_has_target() { &["--target", "wasm32-unknown-unknown"] } else { &[] };
    lint(run, &[&["--package", "frontend"], target].concat())
}

/// In the folder of everything else, whose macros and build scripts it takes as they are.
fn lint(run: &Run, what: &[&str]) -> Result<()> {
    let mut command = run.workspace.cargo();
    command.arg("clippy").args(what).args(["--all-targets", "--", "--deny", "warnings"]);
    run.leashed(&command)
}

fn server(run: &Run) -> Result<()> {
    run.binary().map(|binary| println!("{}", binary.display()))
}

fn browser(run: &Run, project: &str) -> Result<()> {
    let chromium = setup::chromium()?;
    let peers = peers::install(run.workspace)?;
    build::console(run.workspace, Profile::Debug, false)?;
    let binary = run.binary()?;
    let recap = run.workspace.target.join(format!("recap-{project}.txt"));
    let mut command = Command::new(peers::node()?);
    command
        .arg(peers.join("node_modules/@playwright/test/cli.js"))
        .args(["test", &format!("--project={project}")])
        .args(&run.options.arguments)
        .current_dir(run.workspace.root.join("end2end"))
        .env("USHER_BIN", binary)
        .env("USHER_CHROMIUM", chromium)
        .env("USHER_PEERS", peers)
        .env("USHER_RECAP", &recap);
    let result = run.leashed(&command);
    run.remark(&format!("browser tests ({project}) that did not pass the first time:"), &recap);
    result
}
