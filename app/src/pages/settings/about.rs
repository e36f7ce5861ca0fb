//! Which version runs, under which licences, and where the data is.

use leptos::prelude::*;

use super::{api, view::About as Facts};
use crate::ui::{
    card::Card,
    code::Code,
    load::{Loaded, load},
    time::Time,
};

#[component]
pub fn About() -> impl IntoView {
    let facts = load(|| Ok(api::ReadAbout {}));
    view! { <Loaded data=facts view=page/> }
}

fn page(facts: Facts) -> AnyView {
    let Facts { version, commit, started, up_for, public_url, .. } = facts;
    let commit = match commit {
        Some(commit) => view! { <Code text=commit/> }.into_any(),
        None => "not known: this is no release build".into_any(),
    };
    let metrics = match facts.metrics_at {
        Some(address) => view! { <Code text=address/> " without a token" }.into_any(),
        None => view! { <Code text="/metrics"/> " with a token of scope admin:read" }.into_any(),
    };
    let document = format!("{public_url}/api/v1/openapi.json");
    let software = vec![
        fact("Version", format!("Usher {version}").into_any()),
        fact("Commit", commit),
        fact("Started", view! { <Time at=started/> {format!(", {up_for} ago")} }.into_any()),
        fact(
            "Licences",
            // The router would take it for a page.
            view! { <a href=super::LICENCES rel="external">"What Usher is made of, with each licence"</a> }.into_any(),
        ),
    ];
    let data = vec![
        fact("Folder", view! { <Code text=facts.folder/> }.into_any()),
        fact("Database", size(facts.database_bytes).into_any()),
        fact("Schema", format!("version {}", facts.schema_version).into_any()),
        fact("Master key", facts.master_key.into_any()),
    ];
    let addresses = vec![
        fact("Public URL", view! { <Code text=public_url.clone()/> }.into_any()),
        fact("Listens at", view! { <Code text=facts.listens_at/> }.into_any()),
        fact("SCIM 2.0", view! { <Code text=format!("{public_url}/scim2")/> }.into_any()),
        fact("Management API", view! { <Code text=format!("{public_url}/api/v1")/> }.into_any()),
        fact("OpenAPI document", view! { <Code text=document/> " with a token of any scope" }.into_any()),
        fact("Measurements", metrics),
    ];
    view! {
        <Card title="Software">{facts_of(software)}</Card>
        <Card title="Data" subtitle="Back up the folder and the master key, apart from each other: neither is of use alone.">
            {facts_of(data)}
        </Card>
        <Card title="Addresses">{facts_of(addresses)}</Card>
        <Card title="Documentation">
            <p>
                "The folder " <Code text="docs"/> " of the release has it: " <Code text="settings.md"/>
                " lists everything that can be set, " <Code text="limits.md"/> " every bound, " <Code text="errors.md"/>
                " every error with what to do, and " <Code text="tokens.md"/> " what programs need."
            </p>
        </Card>
    }
    .into_any()
}

fn fact(name: &'static str, value: AnyView) -> AnyView {
    view! { <div class="fact"><dt>{name}</dt><dd>{value}</dd></div> }.into_any()
}

fn facts_of(facts: Vec<AnyView>) -> AnyView {
    view! { <dl class="facts">{facts}</dl> }.into_any()
}

/// In the unit that leaves at most four digits.
fn size(bytes: u64) -> String {
    const STEP: u64 = 1024;
    let mut rest = bytes;
    let mut units = ["bytes", "kB", "MB", "GB"].into_iter();
    let mut unit = units.next().unwrap_or_default();
    for next in units {
        if rest < 10 * STEP {
            break;
        }
        rest /= STEP;
        unit = next;
    }
    format!("{rest} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_few_digits() {
        assert_eq!(size(4_096), "4096 bytes");
        assert_eq!(size(536_576), "524 kB");
        assert_eq!(size(1_500_000_000), "1430 MB");
        assert_eq!(size(90_000_000_000), "83 GB");
    }
}
