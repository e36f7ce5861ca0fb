//! A server in a task of its own.

use std::{io, net::SocketAddr, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// How long [`Running::stop`] waits for clients that keep a half-sent request open.
const STOP_LIMIT: Duration = Duration::from_secs(2);

pub(crate) struct Running {
    /// Dropped: no more connections are accepted.
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    /// Runs what ends once the future that it is given does.
    pub(crate) fn spawn<S>(server: impl FnOnce(Stopped) -> S) -> Self
    where
        S: Future<Output = io::Result<()>> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        let stopped: Stopped = Box::pin(async {
            let _ = stopped.await;
        });
        Self { stop, task: tokio::spawn(server(stopped)) }
    }

    pub(crate) fn serve(listener: TcpListener, router: Router) -> Self {
        Self::spawn(|stopped| axum::serve(listener, router).with_graceful_shutdown(stopped).into_future())
    }

    pub(crate) async fn stop(self) {
        drop(self.stop);
        let _ = tokio::time::timeout(STOP_LIMIT, self.task).await;
    }
}

/// Ends when the server is to stop.
pub(crate) type Stopped = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// On the address wished for; where any port will do, on the former one if nobody else took it meanwhile.
pub(crate) async fn bind(wish: SocketAddr, former: Option<SocketAddr>) -> io::Result<TcpListener> {
    if wish.port() == 0
        && let Some(former) = former.filter(|former| former.ip() == wish.ip())
        && let Ok(listener) = TcpListener::bind(former).await
    {
        return Ok(listener);
    }
    TcpListener::bind(wish).await
}
