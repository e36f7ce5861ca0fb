//! The console's style sheet: `style/main.css` and what it imports, in one, minified.

use anyhow::{Result, anyhow};
use lightningcss::{
    bundler::{Bundler, FileProvider},
    stylesheet::{MinifyOptions, ParserOptions, PrinterOptions},
};

use crate::workspace::Workspace;

pub(crate) fn build(workspace: &Workspace) -> Result<Vec<u8>> {
    let main = workspace.root.join("style/main.css");
    let files = FileProvider::new();
    let options = ParserOptions { filename: "style/main.css".into(), ..ParserOptions::default() };
    let mut sheet = Bundler::new(&files, None, options).bundle(&main).map_err(|error| anyhow!("{error}"))?;
    sheet.minify(MinifyOptions::default()).map_err(|error| anyhow!("{error}"))?;
    let printed = sheet.to_css(PrinterOptions { minify: true, ..PrinterOptions::default() })?;
    Ok(printed.code.into_bytes())
}
