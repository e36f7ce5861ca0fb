//! Connections: lines in, answers out, all of it bounded in length, number and time.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
};

use super::{
    Held, Shared,
    smtp::{Conversation, MAX_LINE, Step},
};
use crate::running::{Running, Stopped};

const MAX_CONNECTIONS: usize = 32;
/// How long nothing has to come for a client to be gone.
const IDLE: Duration = Duration::from_mins(1);
/// A whole conversation.
const LONGEST: Duration = Duration::from_mins(10);

pub(super) fn serve(shared: Arc<Shared>, listener: TcpListener) -> Running {
    Running::spawn(|stopped| listen(shared, listener, stopped))
}

/// Ends with everybody's conversation.
async fn listen(shared: Arc<Shared>, listener: TcpListener, mut stopped: Stopped) -> io::Result<()> {
    let mut clients = JoinSet::new();
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            () = &mut stopped => return Ok(()),
            accepted = listener.accept() => accepted,
            Some(_) = clients.join_next() => continue,
        };
        // What cannot be accepted is the client's affair, or passes: out of files, for example.
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        match Arc::clone(&room).try_acquire_owned() {
            Ok(seat) => {
                let shared = Arc::clone(&shared);
                clients.spawn(async move {
                    let _ = tokio::time::timeout(LONGEST, converse(&shared, stream)).await;
                    drop(seat);
                });
            }
            Err(_) => {
                let _ = stream.try_write(b"421 4.3.2 Too many at once\r\n");
            }
        }
    }
}

async fn converse(shared: &Shared, stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let mut conversation = Conversation::new(&shared.name);
    let mut line = Vec::new();
    let mut answer = conversation.greeting();
    loop {
        answer.push_str("\r\n");
        within(writer.write_all(answer.as_bytes())).await?;
        answer = loop {
            if within(read_line(&mut reader, &mut line)).await? == 0 {
                return Ok(());
            }
            let step = if line.ends_with(b"\n") {
                conversation.line(&line)
            } else {
                Step::HangUp("500 5.5.2 Line too long".to_owned())
            };
            match step {
                Step::Listen => {}
                Step::Say(text) => break text,
                Step::Ask(address) => {
                    let refusal = shared.change(Held::next_refusal);
                    break conversation.recipient(address, refusal);
                }
                Step::Keep(envelope, text) => {
                    shared.keep(envelope);
                    break text;
                }
                Step::HangUp(text) => {
                    within(writer.write_all(format!("{text}\r\n").as_bytes())).await?;
                    return within(writer.shutdown()).await;
                }
            }
        };
    }
}

/// A line with its end, or [`MAX_LINE`] bytes of one that has none.
async fn read_line(reader: &mut BufReader<tokio::net::tcp::OwnedReadHalf>, line: &mut Vec<u8>) -> io::Result<usize> {
    line.clear();
    reader.take(MAX_LINE as u64).read_until(b'\n', line).await
}

async fn within<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(IDLE, work).await?
}
