//! The demo environment, in the place of this process, so that its signals and its exit are its own.

use anyhow::{Context as _, Result};
use std::{os::unix::process::CommandExt as _, process::Command};

use crate::{
    build::{self, Profile},
    workspace::Workspace,
};

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let binary = build::all(workspace, Profile::Debug)?;
    let error = Command::new(&binary).arg("demo").args(arguments).exec();
    Err(error).with_context(|| format!("starting {}", binary.display()))
}
