//! Figures of the release build. Printed, never asserted: machines differ.

use anyhow::Result;

use crate::{
    build::{self, Profile},
    workspace::Workspace,
};

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    build::all(workspace, Profile::Release)?;
    Ok(())
}
