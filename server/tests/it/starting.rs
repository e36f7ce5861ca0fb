//! Starting and stopping.

use secrecy::SecretString;
use server::{
    config::{Administrator, Config, KeySource},
    process::{Problem, Usher},
};
use storage::MasterKey;
use testkit::HandClock;

use crate::support::{PASSWORD, config, surroundings};

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (config, clock) = (config(&folder), HandClock::new());
    let first = Usher::start(&config, surroundings(&clock, 1)).await.unwrap();
    let problem = Usher::start(&config, surroundings(&clock, 2)).await.unwrap_err();
    assert!(problem.to_string().starts_with("Another Usher is running on the data folder"), "{problem}");
    first.stop().await;
    Usher::start(&config, surroundings(&clock, 3)).await.unwrap().stop().await;
}

#[tokio::test]
async fn a_wrong_master_key_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let (config, clock) = (config(&folder), HandClock::new());
    Usher::start(&config, surroundings(&clock, 1)).await.unwrap().stop().await;
    let wrong = Config { master_key: KeySource::Environment(MasterKey::new([9; 32])), ..config };
    let problem = Usher::start(&wrong, surroundings(&clock, 2)).await.unwrap_err();
    assert!(matches!(problem, Problem::WrongKey(_)), "{problem}");
    assert!(problem.to_string().contains("USHER_MASTER_KEY"), "{problem}");
}

#[tokio::test]
async fn the_first_administrator_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let clock = HandClock::new();
    let with = |user_name: &str| {
        let password = SecretString::from(PASSWORD);
        Config { administrator: Some(Administrator { user_name: user_name.to_owned(), password }), ..config(&folder) }
    };
    let names = async |usher: &Usher| {
        let who = auth::Caller::system().authorise().unwrap();
        let all = directory::people::PeopleQuery { limit: 10, ..Default::default() };
        let page = usher.directory().people(&who, all).await.unwrap();
        page.items.into_iter().map(|user| user.user_name).collect::<Vec<_>>()
    };
    let usher = Usher::start(&with("root"), surroundings(&clock, 1)).await.unwrap();
    assert_eq!(names(&usher).await, ["root"]);
    usher.stop().await;
    let usher = Usher::start(&with("other"), surroundings(&clock, 2)).await.unwrap();
    assert_eq!(names(&usher).await, ["root"], "ignored once an administrator exists");
    usher.stop().await;
}

#[tokio::test]
async fn a_first_administrator_with_a_short_password_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let administrator = Administrator { user_name: "root".to_owned(), password: SecretString::from("short") };
    let config = Config { administrator: Some(administrator), ..config(&folder) };
    let problem = Usher::start(&config, surroundings(&HandClock::new(), 1)).await.unwrap_err();
    assert!(problem.to_string().contains("12 to 256"), "{problem}");
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = Config { listen: taken.local_addr().unwrap(), ..config(&folder) };
    let problem = Usher::start(&config, surroundings(&HandClock::new(), 1)).await.unwrap_err();
    assert!(problem.to_string().contains(&config.listen.to_string()), "{problem}");
}
