//! Lighthouse's scores, of a telephone on a slow network and of a desk.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::{path::Path, process::Command};

use super::{http::Client, server::Server};
use crate::{
    peers, process, setup,
    workspace::{self, Workspace},
};

const CATEGORIES: [(&str, u32); 3] = [("performance", 95), ("accessibility", 100), ("best-practices", 100)];
/// As the browser tests start it.
const CHROMIUM: &str = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run \
                        --disable-background-networking --disable-component-update --disable-sync";

pub(super) fn measure(workspace: &Workspace, folder: &Path, server: &Server, cookie: &str) -> Result<()> {
    let peers = peers::lighthouse(workspace)?;
    let (node, chromium) = (peers::node()?, setup::chromium()?);
    let headers = folder.join("lighthouse-headers.json");
    workspace::write(&headers, serde_json::json!({ "Cookie": cookie }).to_string())?;
    let connection = connection(server)?;
    for (name, path) in [("Home", "/console"), ("Users", "/console/users"), ("Connection", &connection)] {
        for device in ["mobile", "desktop"] {
            let report = folder.join("lighthouse.json");
            let mut command = Command::new(&node);
            command
                .arg(peers.join("node_modules/lighthouse/cli/index.js"))
                .arg(server.url(path))
                .args(["--quiet", "--output=json", "--only-categories=performance,accessibility,best-practices"])
                .arg(format!("--output-path={}", report.display()))
                .arg(format!("--extra-headers={}", headers.display()))
                .arg(format!("--chrome-flags={CHROMIUM}"))
                .env("CHROME_PATH", &chromium);
            if device == "desktop" {
                command.arg("--preset=desktop");
            }
            process::run(&mut command)?;
            print(name, device, &serde_json::from_slice(&workspace::read(&report)?)?)?;
        }
    }
    Ok(())
}

/// The page of a connection that is made for this.
fn connection(server: &Server) -> Result<String> {
    let authorization = format!("Bearer {}", server.token("admin")?);
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    let body = r#"{"name": "Acme Cloud", "description": "Measured.", "template": "custom-connector"}"#;
    let answer = Client::connect(server.port)?.send("POST", "/api/v1/connections", &headers, body)?;
    ensure!(answer.status == 201, "making a connection was answered with {}: {}", answer.status, answer.text());
    let made: Value = serde_json::from_str(&answer.text())?;
    Ok(format!("/console/connections/{}", made["id"].as_str().context("the connection has no id")?))
}

fn print(name: &str, device: &str, report: &Value) -> Result<()> {
    let mut scores = Vec::new();
    for (category, aim) in CATEGORIES {
        let found = &report["categories"][category];
        let score = found["score"].as_f64().with_context(|| format!("Lighthouse gave no score for {category}"))?;
        scores.push(format!("{category} {:.0} (aim {aim})", score * 100.0));
        for audit in failed(report, found) {
            println!("    {category}: {audit}");
        }
    }
    println!("lighthouse {:<20} {}", format!("{name}, {device}"), scores.join(", "));
    Ok(())
}

/// What cost points.
fn failed(report: &Value, category: &Value) -> Vec<String> {
    let audits = category["auditRefs"].as_array().into_iter().flatten();
    let weighty = audits.filter(|audit| audit["weight"].as_f64().is_some_and(|weight| weight > 0.0));
    weighty
        .filter_map(|audit| report["audits"].get(audit["id"].as_str()?))
        .filter(|audit| audit["score"].as_f64().is_some_and(|score| score < 0.9))
        .map(|audit| {
            let text = |key: &str| audit[key].as_str().unwrap_or_default().to_owned();
            format!("{} {}", text("title"), text("displayValue")).trim_end().to_owned()
        })
        .collect()
}
