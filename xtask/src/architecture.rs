//! The walls of the house (ARCHITECTURE.md), checked: who may depend on what, and what stands nowhere.

use anyhow::{Result, ensure};
use std::{collections::BTreeSet, fs, path::Path};

use crate::{
    process,
    workspace::{Package, Workspace},
};

/// A dependency, and the only packages that may name it.
const NAMED_ONLY_BY: &[(&str, &[&str])] = &[
    ("sqlx", &["storage"]),
    // app has it for its server half only; see OPTIONAL.
    ("axum", &["server", "rehearsal", "app"]),
    ("leptos_axum", &["server", "app"]),
    ("reqwest", &["egress", "server"]),
    ("scim", &["storage", "directory", "connectors", "rehearsal", "server"]),
    ("storage", &["auth", "directory", "provisioning", "server"]),
    ("connectors", &["provisioning", "server"]),
    ("provisioning", &["server"]),
    ("rehearsal", &["server", "provisioning", "connectors"]),
    ("assets", &["server"]),
    ("anyhow", &["server", "xtask"]),
];

/// A package and what it may only name as optional: its other half must do without.
const OPTIONAL: &[(&str, &[&str])] = &[("app", &["auth", "axum", "directory", "http", "leptos_axum", "tracing"])];

/// Never in the browser, because nothing there can use it.
const NOT_IN_THE_BROWSER: &[&str] =
    &["sqlx", "sqlx-core", "libsqlite3-sys", "axum", "axum-core", "reqwest", "hyper", "mio", "socket2", "rustls"];

/// A text that stands in no source file below the folder, but in those named.
struct Absent {
    below: &'static str,
    text: &'static str,
    except: &'static [&'static str],
    why: &'static str,
}

const ABSENT: &[Absent] = &[
    Absent { below: "crates/directory/src", text: "tokio::net", except: &[], why: "directory opens no socket" },
    Absent { below: "crates/directory/src", text: "TcpStream", except: &[], why: "directory opens no socket" },
    Absent { below: "crates/directory/src", text: "TcpListener", except: &[], why: "directory opens no socket" },
    Absent { below: "crates/directory/src", text: "UdpSocket", except: &[], why: "directory opens no socket" },
    Absent {
        below: "app/src",
        text: "leptos_axum",
        except: &["app/src/ssr.rs"],
        why: "ssr.rs is the only place that knows leptos_axum",
    },
    Absent {
        below: "app/src",
        text: "<textarea",
        except: &["app/src/ui/textarea.rs"],
        why: "Leptos 0.8 renders its children unescaped; use the TextArea primitive",
    },
];

/// Hosts of package registries: where packages come from is the machine's affair. In two parts, or this file would
/// break the rule itself.
const REGISTRIES: &[(&str, &str)] = &[
    ("registry.npm", "js.org"),
    ("registry.yarn", "pkg.com"),
    ("pypi", ".org"),
    ("python", "hosted.org"),
    ("index.crates", ".io"),
    ("static.crates", ".io"),
    ("deb.debian", ".org"),
];

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut broken = Vec::new();
    for package in &workspace.packages {
        broken.extend(forbidden_dependencies(package));
    }
    for rule in ABSENT {
        broken.extend(occurrences(workspace, rule)?);
    }
    broken.extend(registries(workspace)?);
    ensure!(broken.is_empty(), "{}", broken.join("\n"));
    Ok(())
}

/// What the browser is sent, by the names of the packages that went into it.
pub(crate) fn check_browser_graph(workspace: &Workspace) -> Result<()> {
    let tree = process::output(workspace.cargo().args([
        "tree",
        "--package",
        "frontend",
        "--target",
        "wasm32-unknown-unknown",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]))?;
    let packages: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    ensure!(packages.contains("leptos"), "`cargo tree` does not list leptos: is this still the browser's half?");
    let found: Vec<&&str> = NOT_IN_THE_BROWSER.iter().filter(|name| packages.contains(*name)).collect();
    ensure!(
        found.is_empty(),
        "the browser's half depends on {found:?}: `cargo tree -p frontend --target wasm32-unknown-unknown -i NAME` \
         says through whom"
    );
    println!("{} packages go into the browser", packages.len());
    Ok(())
}

fn forbidden_dependencies(package: &Package) -> Vec<String> {
    let Package { name, dependencies } = package;
    let mut broken = Vec::new();
    for dependency in dependencies.iter().filter(|dependency| dependency.kind.as_deref() != Some("dev")) {
        let owners = NAMED_ONLY_BY.iter().find(|(named, _)| *named == dependency.name).map(|(_, owners)| *owners);
        if owners.is_some_and(|owners| !owners.contains(&name.as_str())) {
            broken.push(format!("{name} depends on {}; only {owners:?} may", dependency.name));
        }
        let optional = OPTIONAL.iter().any(|(at, named)| at == name && named.contains(&dependency.name.as_str()));
        if optional && !dependency.optional {
            broken.push(format!("{name} depends on {} in both its halves; it may in its server half", dependency.name));
        }
    }
    broken
}

fn occurrences(workspace: &Workspace, rule: &Absent) -> Result<Vec<String>> {
    let mut broken = Vec::new();
    for file in workspace.files(&[rule.below])? {
        let path = workspace.relative(&file);
        let allowed = rule.except.iter().any(|except| path == Path::new(except));
        if !allowed && fs::read_to_string(&file).is_ok_and(|text| text.contains(rule.text)) {
            broken.push(format!("{} names `{}`: {}", path.display(), rule.text, rule.why));
        }
    }
    Ok(broken)
}

fn registries(workspace: &Workspace) -> Result<Vec<String>> {
    let hosts: Vec<String> = REGISTRIES.iter().map(|(host, domain)| format!("{host}{domain}")).collect();
    let mut broken = Vec::new();
    for file in workspace.files(&[""])? {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        for host in hosts.iter().filter(|host| text.contains(host.as_str())) {
            broken.push(format!("{} names the package registry {host}", workspace.relative(&file).display()));
        }
    }
    Ok(broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn package(name: &str, dependency: &str, kind: Option<&str>, optional: bool) -> Package {
        let dependency = Dependency { name: dependency.into(), kind: kind.map(Into::into), optional };
        Package { name: name.into(), dependencies: vec![dependency] }
    }

    #[test]
    fn only_storage_names_sqlx() {
        assert_eq!(forbidden_dependencies(&package("storage", "sqlx", None, false)), Vec::<String>::new());
        assert_eq!(forbidden_dependencies(&package("directory", "sqlx", None, false)).len(), 1);
    }

    #[test]
    fn the_browser_half_of_app_does_without_axum() {
        assert_eq!(forbidden_dependencies(&package("app", "axum", None, true)), Vec::<String>::new());
        assert_eq!(forbidden_dependencies(&package("app", "axum", None, false)).len(), 1);
    }

    #[test]
    fn tests_may_depend_on_more() {
        assert_eq!(forbidden_dependencies(&package("egress", "axum", Some("dev"), false)), Vec::<String>::new());
    }
}
