//! The binary, as it is started by hand.

use std::{
    path::Path,
    process::{Output, Stdio},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, Command},
};

pub(crate) fn usher(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_usher"));
    command.args(arguments).env_clear().kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) async fn output(arguments: &[&str], input: &str) -> Output {
    let mut child = usher(arguments).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // It may have ended without reading.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    child.wait_with_output().await.unwrap()
}

pub(crate) fn error(output: &Output) -> String {
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A server that has said where it is.
async fn serving(folder: &Path) -> Child {
    let folder = folder.to_str().unwrap();
    let mut child = usher(&["serve", "--listen", "127.0.0.1:0", "--data-dir", folder]).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    loop {
        let line = lines.next_line().await.unwrap().expect("it starts");
        if line.contains("Usher is ready") {
            return child;
        }
    }
}

pub(crate) async fn terminate(child: &Child) {
    let id = child.id().expect("it runs").to_string();
    assert!(Command::new("kill").arg(id).status().await.unwrap().success());
}

#[tokio::test]
async fn commands_work_beside_a_server_which_stops_cleanly() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("usher-data");
    let data_dir = folder.to_str().unwrap();
    let token = ["token", "create", "--name", "hr", "--scope", "scim", "--data-dir", data_dir];
    let early = error(&output(&token, "").await);
    assert!(early.contains("start `usher serve` once"), "{early}");

    let mut server = serving(&folder).await;
    let made = output(&token, "").await;
    assert!(made.status.success());
    let printed = String::from_utf8(made.stdout).unwrap();
    assert!(printed.starts_with("usher_") && printed.trim_end().lines().count() == 1, "{printed}");

    let create = ["--data-dir", data_dir, "admin", "create", "--username", "root", "--password-stdin"];
    assert!(output(&create, "correct horse battery\n").await.status.success());
    let twice = error(&output(&create, "correct horse battery\n").await);
    assert!(twice.contains("taken"), "{twice}");
    let reset = ["--data-dir", data_dir, "admin", "reset-password", "--username", "root", "--password-stdin"];
    let short = error(&output(&reset, "short\n").await);
    assert!(short.contains("12 to 256") && short.trim_end().lines().count() == 1, "{short}");
    assert!(output(&reset, "another correct horse\n").await.status.success());

    let second = error(&output(&["serve", "--listen", "127.0.0.1:0", "--data-dir", data_dir], "").await);
    assert!(second.contains("Another Usher is running"), "{second}");

    terminate(&server).await;
    assert_eq!(server.wait().await.unwrap().code(), Some(0));
    assert!(!folder.join("usher.db-wal").exists(), "the database was closed");
}

#[tokio::test]
async fn a_bad_setting_is_one_clear_sentence() {
    let bad = error(&output(&["serve", "--listen", "everywhere"], "").await);
    assert!(bad.contains("the flag --listen") && bad.trim_end().lines().count() == 1, "{bad}");
    let open = error(&output(&["serve", "--listen", "0.0.0.0:0"], "").await);
    assert!(open.contains("--public-url"), "{open}");
    let missing = error(&output(&["serve", "--config", "/nowhere/usher.toml"], "").await);
    assert!(missing.contains("/nowhere/usher.toml"), "{missing}");
    let scope = error(&output(&["token", "create", "--name", "x", "--scope", "root"], "").await);
    assert!(scope.contains("scim:read"), "{scope}");
}

#[tokio::test]
async fn test_data_fills_an_empty_folder_and_no_other() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("usher-data");
    let data_dir = folder.to_str().unwrap();
    let fill = ["test-data", "--users", "1200", "--group", "1100", "--group", "10", "--data-dir", data_dir];
    let made = output(&fill, "").await;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(String::from_utf8(made.stdout).unwrap().starts_with("1200 users and 2 groups are in "));

    let twice = error(&output(&fill, "").await);
    assert!(twice.contains("1200 users are in ") && twice.contains("--data-dir"), "{twice}");

    let mut server = serving(&folder).await;
    let beside = error(&output(&fill, "").await);
    assert!(beside.contains("Another Usher is running"), "{beside}");
    terminate(&server).await;
    assert!(server.wait().await.unwrap().success());

    let none = error(&output(&["test-data", "--users", "0"], "").await);
    assert!(none.contains("1..="), "{none}");
    let few = temporary.path().join("few");
    let few = ["test-data", "--users", "9", "--group", "10", "--data-dir", few.to_str().unwrap()];
    let few = error(&output(&few, "").await);
    assert!(few.contains("A group of 10 needs as many users"), "{few}");
}
