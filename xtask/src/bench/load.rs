//! Requests as fast as they are answered, over a few connections for a while.

use anyhow::{Context as _, Result, ensure};
use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::http::Client;

/// One request of a load.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: String,
    /// Sent afterwards, so that all is as before. It counts, but how long it took is not told.
    pub(super) undo: Option<Box<Request>>,
}

impl Request {
    pub(super) fn get(path: String) -> Self {
        Self::new("GET", path, String::new())
    }

    pub(super) fn new(method: &'static str, path: String, body: String) -> Self {
        Self { method, path, body, undo: None }
    }
}

/// Where a load goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load<'a> {
    pub(super) port: u16,
    pub(super) token: &'a str,
    pub(super) media_type: &'a str,
    pub(super) connections: u32,
    pub(super) lasts: Duration,
}

#[derive(Debug)]
pub(super) struct Measured {
    /// Requests that were answered.
    pub(super) count: usize,
    /// In a second.
    pub(super) rate: f64,
    /// Sorted.
    times: Vec<Duration>,
}

impl Measured {
    /// One request for each time.
    pub(super) fn of(times: Vec<Duration>, took: Duration) -> Result<Self> {
        Self::counted(times.len(), times, took)
    }

    fn counted(count: usize, mut times: Vec<Duration>, took: Duration) -> Result<Self> {
        ensure!(!times.is_empty(), "nothing was answered in {} s", took.as_secs());
        times.sort_unstable();
        #[expect(clippy::cast_precision_loss, reason = "far fewer requests than that")]
        let rate = count as f64 / took.as_secs_f64();
        Ok(Self { count, rate, times })
    }

    /// So many of a hundred were answered within this time.
    pub(super) fn within(&self, hundredth: usize) -> Duration {
        self.times[(self.times.len() - 1) * hundredth / 100]
    }

    pub(super) fn median(&self) -> Duration {
        self.within(50)
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = |share| self.within(share).as_secs_f64() * 1_000.0;
        write!(f, "{:>9.0} /s   50 % {:>8.2} ms   99 % {:>8.2} ms", self.rate, milliseconds(50), milliseconds(99))
    }
}

impl Load<'_> {
    /// Sends what `request` makes of 0, 1, 2 and so on; each number comes once. Anything but success is an error, since
    /// the figure would say nothing.
    pub(super) fn run(&self, request: impl Fn(u64) -> Request + Sync) -> Result<Measured> {
        self.run_until(u64::MAX, request)
    }

    /// As [`Self::run`], and ends once there is no more to send.
    pub(super) fn run_until(&self, end: u64, request: impl Fn(u64) -> Request + Sync) -> Result<Measured> {
        let next = AtomicU64::new(0);
        let numbers = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|number| *number < end);
        let began = Instant::now();
        let workers = thread::scope(|scope| {
            let workers: Vec<_> =
                (0..self.connections).map(|_| scope.spawn(|| self.work(&request, numbers, began))).collect();
            let done = workers.into_iter().map(|worker| worker.join().expect("a worker returns its errors"));
            done.collect::<Result<Vec<_>>>()
        })?;
        let (counts, times): (Vec<usize>, Vec<Vec<Duration>>) = workers.into_iter().unzip();
        Measured::counted(counts.into_iter().sum(), times.concat(), began.elapsed())
    }

    fn work(
        &self,
        request: &(impl Fn(u64) -> Request + Sync),
        numbers: impl Fn() -> Option<u64>,
        began: Instant,
    ) -> Result<(usize, Vec<Duration>)> {
        let mut client = Client::connect(self.port)?;
        let (mut count, mut times) = (0, Vec::new());
        while began.elapsed() < self.lasts
            && let Some(number) = numbers()
        {
            let mut request = request(number);
            let sent = Instant::now();
            self.send(&mut client, &request)?;
            times.push(sent.elapsed());
            count += 1;
            while let Some(undo) = request.undo.take() {
                self.send(&mut client, &undo)?;
                count += 1;
                request = *undo;
            }
        }
        Ok((count, times))
    }

    fn send(&self, client: &mut Client, Request { method, path, body, .. }: &Request) -> Result<()> {
        let authorization = format!("Bearer {}", self.token);
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", self.media_type)];
        let answer = client.send(method, path, &headers, body).context("under load")?;
        let success = (200..300).contains(&answer.status);
        ensure!(success, "{method} {path} was answered with {}: {}", answer.status, answer.text());
        Ok(())
    }
}
