//! The least that creates a user durably: what `cargo xtask bench` compares the service with.
//!
//! The same rows by the same writer, so one flush to the disk serves many here too. What is absent: tokens, SCIM's
//! schemas and checks, provisioners, and an answer that tells the user.
//!
//! Usage: `bare_inserts PORT DATA_FOLDER`

use std::{env, error::Error, path::Path, sync::Arc};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use domain::{
    Ids,
    user::{Name, Origin, Profile, User, Valued},
};
use serde::Deserialize;
use serde_json::json;
use server::system;
use storage::{
    Db, MasterKey, Vault,
    audit::{self, Actor, ActorKind, Event},
    users,
};

#[derive(Clone)]
struct Desk {
    db: Db,
    vault: Vault,
    ids: Ids,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    user_name: String,
    external_id: Option<String>,
    name: Option<Name>,
    #[serde(default)]
    emails: Vec<Valued>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [port, folder] = &arguments[..] else { return Err("usage: bare_inserts PORT DATA_FOLDER".into()) };
    let ids = system::ids();
    let vault = Vault::new(&MasterKey::new([7; 32]), ids.clone());
    std::fs::create_dir_all(folder)?;
    // Ends with the process, which is killed when it was measured.
    let (db, _closed) = Db::open(Path::new(folder), vault.clone()).await?;
    let router = Router::new().route("/Users", post(create)).with_state(Desk { db, vault, ids });
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port.parse()?)).await?;
    Ok(axum::serve(listener, router).await?)
}

async fn create(State(desk): State<Desk>, Json(asked): Json<Asked>) -> StatusCode {
    let now = desk.ids.now();
    let user = Arc::new(User {
        id: desk.ids.make(),
        user_name: asked.user_name,
        external_id: asked.external_id,
        active: true,
        locked: false,
        origin: Origin::Api,
        excluded: false,
        staged: false,
        role: None,
        profile: Profile { name: asked.name, emails: asked.emails, ..Profile::default() },
        version: 1,
        created_at: now,
        updated_at: now,
    });
    let vault = desk.vault;
    let written = desk.db.write::<_, storage::Error, _>(move |conn| {
        let (user, vault) = (Arc::clone(&user), vault.clone());
        Box::pin(async move {
            users::insert(conn, &user).await?;
            audit::append(conn, &vault, &event(&user)).await
        })
    });
    match written.await {
        Ok(()) => StatusCode::CREATED,
        Err(_) => StatusCode::CONFLICT,
    }
}

fn event(user: &User) -> Event {
    Event {
        at: user.created_at,
        actor: Actor { kind: ActorKind::Token, id: None, label: "bench".to_owned(), address: "127.0.0.1".to_owned() },
        action: "user.create",
        subject_kind: "user",
        subject_id: Some(user.id.0),
        subject_label: user.user_name.clone(),
        details: json!({ "origin": "api" }),
    }
}
