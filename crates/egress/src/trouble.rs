//! Why there is no answer, in words for an administrator.

use std::{error::Error, io, time::Duration};

use rustls::CertificateError;

use crate::{AddressProblem, lookup::Unresolved};

/// A call without an answer. The text says what happened and names the host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nothing was called: the address is not allowed.
    #[error(transparent)]
    Blocked(#[from] AddressProblem),
    #[error("{host} could not be found (DNS)")]
    Name { host: String },
    #[error("{host} could not be reached: {why}")]
    Connect { host: String, why: String },
    #[error("{host} could not be reached securely: {why}")]
    Tls { host: String, why: String },
    /// Not `sent` where the connection was never made; else the request may have reached the target.
    #[error("{host} {} within {} s", if *.sent { "did not answer" } else { "could not be reached" }, .after.as_secs_f64())]
    TimedOut { host: String, sent: bool, after: Duration },
    #[error("{host} answered with more than {limit} bytes")]
    TooLarge { host: String, limit: usize },
    /// The connection was made and then failed.
    #[error("{host} broke off before its answer was complete: {why}")]
    Broken { host: String, why: String },
}

impl Trouble {
    /// Whether the target may have acted on the request. False only where that is certain.
    pub fn may_have_arrived(&self) -> bool {
        match self {
            Self::Blocked(_) | Self::Name { .. } | Self::Connect { .. } | Self::Tls { .. } => false,
            Self::TimedOut { sent, .. } => *sent,
            Self::TooLarge { .. } | Self::Broken { .. } => true,
        }
    }

    /// Whether no connection came about: the target is down or its name or certificate is wrong, for everybody.
    pub fn unreachable(&self) -> bool {
        matches!(self, Self::Name { .. } | Self::Connect { .. } | Self::Tls { .. } | Self::TimedOut { sent: false, .. })
    }
}

/// What a failure is told with.
pub(crate) struct Call {
    pub(crate) host: String,
    pub(crate) connect_limit: Duration,
    pub(crate) limit: Duration,
}

impl Call {
    pub(crate) fn trouble(&self, error: &reqwest::Error) -> Trouble {
        let host = self.host.clone();
        match cause::<Unresolved>(error) {
            Some(Unresolved::Closed(problem)) => return Trouble::Blocked(problem.clone()),
            Some(Unresolved::NotFound(_) | Unresolved::Empty) => return Trouble::Name { host },
            None => {}
        }
        if error.is_timeout() {
            // A limit of the request's own may run out while connecting: that cannot be seen here and counts as sent.
            let sent = !error.is_connect();
            return Trouble::TimedOut { host, sent, after: if sent { self.limit } else { self.connect_limit } };
        }
        if !error.is_connect() {
            return Trouble::Broken { host, why: root(error) };
        }
        match cause::<rustls::Error>(error) {
            Some(tls) => Trouble::Tls { host, why: tls_words(tls) },
            None => {
                Trouble::Connect { host, why: cause::<io::Error>(error).map_or_else(|| root(error), connect_words) }
            }
        }
    }
}

fn connect_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "nothing accepts connections there".to_owned(),
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => "there is no way to it".to_owned(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => "it closed the connection at once".to_owned(),
        _ => error.to_string(),
    }
}

fn tls_words(error: &rustls::Error) -> String {
    use CertificateError as Certificate;
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            Certificate::Expired | Certificate::ExpiredContext { .. } => "its certificate has expired",
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => "its certificate is not valid yet",
            Certificate::Revoked => "its certificate was revoked",
            Certificate::UnknownIssuer => "its certificate comes from an issuer that this machine does not trust",
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                "its certificate is for another name"
            }
            _ => return format!("its certificate is not accepted ({certificate:?})"),
        }
        .to_owned(),
        rustls::Error::InvalidMessage(_) => "it does not speak TLS; the URL may have to begin with http://".to_owned(),
        other => other.to_string(),
    }
}

/// Every cause of an error, also those that an `io::Error` carries inside instead of behind itself.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    })
}

fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    causes(error).find_map(|error| error.downcast_ref())
}

fn root(error: &reqwest::Error) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificates_fault_is_told_in_words() {
        let words = |fault| tls_words(&rustls::Error::InvalidCertificate(fault));
        assert_eq!(words(CertificateError::Expired), "its certificate has expired");
        assert_eq!(words(CertificateError::NotValidForName), "its certificate is for another name");
        assert!(words(CertificateError::UnknownIssuer).contains("does not trust"));
    }

    #[test]
    fn an_error_inside_an_io_error_is_found() {
        let error = io::Error::other(rustls::Error::DecryptError);
        assert_eq!(cause::<rustls::Error>(&error), Some(&rustls::Error::DecryptError));
    }

    #[test]
    fn only_what_certainly_did_not_arrive_says_so() {
        let timed_out = |sent| Trouble::TimedOut { host: "acme.example".into(), sent, after: Duration::from_secs(5) };
        assert!(timed_out(true).may_have_arrived() && !timed_out(true).unreachable());
        assert!(!timed_out(false).may_have_arrived() && timed_out(false).unreachable());
        assert_eq!(timed_out(true).to_string(), "acme.example did not answer within 5 s");
        assert_eq!(timed_out(false).to_string(), "acme.example could not be reached within 5 s");
        assert!(!Trouble::Blocked(AddressProblem::OwnOrigin).unreachable());
    }
}
