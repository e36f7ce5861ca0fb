use std::{path::PathBuf, sync::Arc};

use clap::Args;
use domain::{Timestamp, UserId, group::Group, limits, user::User};
use storage::{Db, Vault, groups, users};

use super::Failure;
use crate::{
    config::{self, Layer},
    data_folder::DataFolder,
    process, system, test_data,
};

/// More would be a test of the disk.
const MOST: u32 = 10_000_000;
/// Users, or members, of one transaction.
const BATCH: usize = 20_000;
/// Users between two lines that tell how far it is.
const STEP: usize = 100_000;

#[derive(Debug, Args)]
pub(super) struct TestData {
    /// How many users to make
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST)))]
    users: u32,
    /// Make a group of so many of them too; may be repeated
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    group: Vec<u32>,
    /// Another number makes other people
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

impl TestData {
    /// Holds the folder as the server would: neither beside a running one nor where people are already.
    pub(super) async fn run(self, flags: Layer, file: Option<PathBuf>) -> Result<(), Failure> {
        let flags = Layer { listen: Some("127.0.0.1:0".to_owned()), ..flags };
        let config = config::load(flags, file)?;
        let folder = DataFolder::new(&config.data_dir);
        let _held = folder.hold()?;
        let ids = system::ids();
        let key = folder.key_or_new(&config.master_key, &**ids.dice())?;
        let (db, closed) =
            Db::open(folder.path(), Vault::new(&key, ids.clone())).await.map_err(|e| process::database(&folder, e))?;
        let made = match count(&db).await? {
            0 => self.fill(&db, ids.now()).await,
            1 => Err(format!("One user is in {} already. {ANOTHER}", folder.path().display()).into()),
            there => Err(format!("{there} users are in {} already. {ANOTHER}", folder.path().display()).into()),
        };
        db.close().await;
        closed.await?;
        made?;
        let groups = match self.group.len() {
            0 => String::new(),
            1 => " and 1 group".to_owned(),
            many => format!(" and {many} groups"),
        };
        println!("{} users{groups} are in {}.", self.users, folder.path().display());
        Ok(())
    }

    async fn fill(&self, db: &Db, began: Timestamp) -> Result<(), Failure> {
        let largest = self.group.iter().copied().max().unwrap_or_default();
        let most = usize::try_from(largest)?;
        if largest > self.users {
            return Err(format!("A group of {largest} needs as many users: --users {largest}.").into());
        }
        if most > limits::GROUP_MEMBERS {
            return Err(format!("A group has at most {} members.", limits::GROUP_MEMBERS).into());
        }
        db.expect_many_rows().await?;
        let ids = system::ids();
        let mut people = test_data::people(&ids, self.seed, self.users);
        // The first ones: of the others nothing is kept in memory.
        let mut members: Vec<UserId> = Vec::new();
        let mut made = 0;
        loop {
            let batch: Arc<[User]> = people.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                break;
            }
            made += batch.len();
            members.extend(batch.iter().map(|user| user.id).take(most - members.len()));
            insert(db, batch).await?;
            if made.is_multiple_of(STEP) {
                let seconds = ids.now().since(began).as_secs();
                eprintln!("{made} of {} users after {seconds} s", self.users);
            }
        }
        for (number, size) in (1..).zip(&self.group) {
            gather(db, test_data::group(&ids, number, *size), &members[..usize::try_from(*size)?]).await?;
        }
        Ok(())
    }
}

const ANOTHER: &str = "Name a folder without users with --data-dir.";

async fn count(db: &Db) -> Result<i64, storage::Error> {
    let mut conn = db.read().await?;
    users::count(&mut conn).await
}

async fn insert(db: &Db, batch: Arc<[User]>) -> Result<(), storage::Error> {
    db.write(move |conn| {
        let batch = Arc::clone(&batch);
        Box::pin(async move {
            for user in &*batch {
                users::insert(conn, user).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Makes the group, then lets its members in.
async fn gather(db: &Db, group: Group, members: &[UserId]) -> Result<(), storage::Error> {
    let id = group.id;
    db.write(move |conn| {
        let group = group.clone();
        Box::pin(async move { groups::insert(conn, &group).await })
    })
    .await?;
    for batch in members.chunks(BATCH) {
        let batch: Arc<[UserId]> = batch.into();
        db.write(move |conn| {
            let batch = Arc::clone(&batch);
            Box::pin(async move { groups::add(conn, id, &batch).await.map(drop) })
        })
        .await?;
    }
    Ok(())
}
