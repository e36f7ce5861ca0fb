use std::process::ExitCode;

use clap::Parser as _;
use server::{
    cli::{self, Cli},
    console::assets::Assets,
};

#[tokio::main]
async fn main() -> ExitCode {
    match cli::run(Cli::parse(), Assets::embedded()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("usher: {failure}");
            ExitCode::FAILURE
        }
    }
}
