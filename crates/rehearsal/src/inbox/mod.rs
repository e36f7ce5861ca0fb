//! A mail inbox: takes every mail by SMTP (RFC 5321), keeps it in memory, and shows it to people.
//!
//! What is said on a connection is `smtp`, how connections are held `server`; `mail` takes a mail apart; `page` and
//! `view` show all of it on a port of its own.

mod mail;
mod page;
mod server;
mod smtp;
mod view;

use std::{
    collections::VecDeque,
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::Clock;
use tokio::sync::{Mutex as AsyncMutex, watch};

pub use mail::Mail;

use crate::{
    running::{Running, bind},
    system::WallClock,
};
use smtp::Envelope;

/// Mails that are kept; older ones are forgotten.
const KEPT: usize = 500;
/// Bytes of all of them.
const KEPT_BYTES: usize = 64 * 1024 * 1024;
/// How long [`Inbox::wait_for`] waits before it fails the test.
const WAIT_LIMIT: Duration = Duration::from_secs(30);

/// The inbox while it runs. Clones are handles on the same one; it stops when the last of them is dropped.
#[derive(Clone)]
pub struct Inbox {
    shared: Arc<Shared>,
    port: Arc<AsyncMutex<Option<Running>>>,
    /// Ends when dropped.
    _page: Arc<Running>,
}

/// What the handle, the connections and the page have in common.
struct Shared {
    name: String,
    address: SocketAddr,
    page_address: SocketAddr,
    clock: Arc<dyn Clock>,
    held: Mutex<Held>,
    /// Counts changes of anything in `held`.
    changes: watch::Sender<u64>,
}

#[derive(Default)]
struct Held {
    /// The oldest first.
    mails: VecDeque<Mail>,
    last: u64,
    bytes: usize,
    /// How many recipients are still refused, and with what.
    refusals: Option<(u32, u16)>,
    /// Somebody has looked at the page.
    opened: bool,
}

impl Held {
    fn next_refusal(&mut self) -> Option<u16> {
        let (left, code) = self.refusals.take()?;
        self.refusals = (left > 1).then_some((left - 1, code));
        Some(code)
    }

    fn keep(&mut self, mail: Mail) {
        self.bytes += mail.raw.len();
        self.mails.push_back(mail);
        while self.mails.len() > KEPT || self.bytes > KEPT_BYTES {
            let Some(oldest) = self.mails.pop_front() else { return };
            self.bytes -= oldest.raw.len();
        }
    }

    fn clear(&mut self) {
        self.mails.clear();
        self.bytes = 0;
    }
}

impl Shared {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something, and lets whoever waits for it know.
    fn change<T>(&self, change: impl FnOnce(&mut Held) -> T) -> T {
        let result = change(&mut self.held());
        self.changes.send_modify(|number| *number += 1);
        result
    }

    fn keep(&self, envelope: Envelope) {
        // Taken apart before anybody else has to wait.
        let mail = Mail::of(envelope, 0, self.clock.now());
        self.change(|held| {
            held.last += 1;
            held.keep(Mail { number: held.last, ..mail });
        });
    }
}

/// How the inbox is set up; see [`Inbox::builder`].
#[derive(Debug)]
pub struct Builder {
    name: String,
    address: SocketAddr,
    page_address: SocketAddr,
    clock: Arc<dyn Clock>,
}

impl Builder {
    /// What it is called where it speaks of itself.
    #[must_use]
    pub fn name(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// Where to take mails; without it a free port of 127.0.0.1.
    #[must_use]
    pub fn address(self, address: SocketAddr) -> Self {
        Self { address, ..self }
    }

    /// Where the page is; without it a free port of 127.0.0.1.
    #[must_use]
    pub fn page(self, page_address: SocketAddr) -> Self {
        Self { page_address, ..self }
    }

    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// # Errors
    /// An address cannot be listened on.
    pub async fn start(self) -> io::Result<Inbox> {
        let listener = bind(self.address, None).await?;
        let page = bind(self.page_address, None).await?;
        let shared = Arc::new(Shared {
            name: self.name,
            address: listener.local_addr()?,
            page_address: page.local_addr()?,
            clock: self.clock,
            held: Mutex::default(),
            changes: watch::Sender::new(0),
        });
        let port = Arc::new(AsyncMutex::new(Some(server::serve(Arc::clone(&shared), listener))));
        let page = Arc::new(page::serve(Arc::clone(&shared), page));
        Ok(Inbox { shared, port, _page: page })
    }
}

impl Inbox {
    pub fn builder() -> Builder {
        Builder {
            name: "Inbox".to_owned(),
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            page_address: (Ipv4Addr::LOCALHOST, 0).into(),
            clock: Arc::new(WallClock),
        }
    }

    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// Where mails are taken.
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// Where the page for people listens.
    pub fn page_address(&self) -> SocketAddr {
        self.shared.page_address
    }

    /// `smtp://127.0.0.1:2525`.
    pub fn smtp_url(&self) -> String {
        format!("smtp://{}", self.shared.address)
    }

    /// The page for people.
    pub fn page_url(&self) -> String {
        format!("http://{}", self.shared.page_address)
    }

    /// Somebody has looked at the page.
    pub fn was_opened(&self) -> bool {
        self.shared.held().opened
    }

    /// Everything that was received and is still kept, oldest first.
    pub fn messages(&self) -> Vec<Mail> {
        self.shared.held().mails.iter().cloned().collect()
    }

    /// The newest that went to this address, in any case.
    pub fn latest_to(&self, address: &str) -> Option<Mail> {
        let held = self.shared.held();
        let to = |mail: &&Mail| mail.to.iter().any(|to| to.eq_ignore_ascii_case(address));
        held.mails.iter().rev().find(to).cloned()
    }

    pub fn clear(&self) {
        self.shared.change(Held::clear);
    }

    /// The next so many recipients are refused with this status, such as 451 or 550; `u32::MAX` is all of them.
    pub fn refuse_next(&self, count: u32, code: u16) {
        self.shared.change(|held| held.refusals = (count > 0).then_some((count, code)));
    }

    /// The first mail that is `wanted`, waiting for it if need be.
    ///
    /// # Panics
    /// If none comes within 30 seconds.
    pub async fn wait_for(&self, wanted: impl Fn(&Mail) -> bool) -> Mail {
        let mut changes = self.shared.changes.subscribe();
        let waiting = async {
            loop {
                changes.borrow_and_update();
                let found = self.shared.held().mails.iter().find(|mail| wanted(mail)).cloned();
                if let Some(mail) = found {
                    return mail;
                }
                // Its other end lives as long as this handle.
                let _ = changes.changed().await;
            }
        };
        let Ok(mail) = tokio::time::timeout(WAIT_LIMIT, waiting).await else {
            panic!("no such mail came within {WAIT_LIMIT:?}; there were: {:#?}", self.messages())
        };
        mail
    }

    /// Hangs up on everybody and takes no mails; the page stays, and so does what was received.
    pub async fn stop(&self) {
        if let Some(running) = self.port.lock().await.take() {
            running.stop().await;
        }
    }

    /// Takes mails again at the same address.
    ///
    /// # Errors
    /// The address cannot be listened on any more.
    pub async fn restart(&self) -> io::Result<()> {
        self.stop().await;
        let listener = bind(self.shared.address, None).await?;
        *self.port.lock().await = Some(server::serve(Arc::clone(&self.shared), listener));
        Ok(())
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inbox({})", self.smtp_url())
    }
}
