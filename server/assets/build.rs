//! Turns the console that `cargo xtask build` left in `<target>/site` into a table of embedded files.
//!
//! `USHER_SITE` names another folder. With no console built the table is empty, and everything else still compiles.

use std::{
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
    time::SystemTime,
};

fn main() {
    let site = site();
    let manifest = site.join("manifest.tsv");
    if !manifest.exists() {
        create_empty(&manifest);
    }
    println!("cargo::rerun-if-env-changed=USHER_SITE");
    println!("cargo::rerun-if-changed={}", manifest.display());

    let text = fs::read_to_string(&manifest).expect("the manifest was just seen");
    let rows: String = text.lines().skip(1).map(|line| row(&site, line)).collect();
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("table.rs");
    fs::write(out, format!("&[{rows}]")).expect("cargo's own folder can be written");
}

/// Next to the profile's folder that this is built in, so that each target folder has its own.
fn site() -> PathBuf {
    if let Some(site) = env::var_os("USHER_SITE") {
        return PathBuf::from(site);
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    // <target>/<profile>/build/<package>/out
    out.ancestors().nth(4).expect("OUT_DIR is four folders deep").join("site")
}

/// Cargo runs this script again and again while a file that it watches is missing, or younger than its last run.
fn create_empty(manifest: &Path) {
    let folder = manifest.parent().expect("the manifest is in a folder");
    fs::create_dir_all(folder).expect("the target folder can be written");
    let mut file = fs::File::create(manifest).expect("the target folder can be written");
    file.write_all(b"0\n").expect("the target folder can be written");
    file.set_modified(SystemTime::UNIX_EPOCH).expect("the file is ours");
}

fn row(site: &Path, line: &str) -> String {
    let fields: Vec<&str> = line.split('\t').collect();
    let [role, name, content_type, hash] = fields[..] else {
        panic!("{}: `{line}` is not four fields: run `cargo xtask build`", site.display());
    };
    let file = site.join(name).display().to_string();
    let role = match role {
        "js" => "Script",
        "wasm" => "Wasm",
        "css" => "Style",
        other => panic!("{}: `{other}` is no role: run `cargo xtask build`", site.display()),
    };
    format!(
        "Asset {{ role: Role::{role}, name: {name:?}, content_type: {content_type:?}, hash: {hash:?}, \
         bytes: include_bytes!({file:?}), brotli: include_bytes!({brotli:?}) }},\n",
        brotli = format!("{file}.br"),
    )
}
