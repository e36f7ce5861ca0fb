//! `usher demo`.

use std::{net::SocketAddr, path::PathBuf};

use crate::{cli::Failure, console::assets::Assets};

pub(crate) async fn run(_listen: SocketAddr, _folder: Option<PathBuf>, _assets: Assets) -> Result<(), Failure> {
    Err("not yet".into())
}
