//! How often somebody may try to sign in.

use std::{num::NonZeroU32, time::Duration};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock};

const PER_ACCOUNT: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");
const PER_ADDRESS: NonZeroU32 = NonZeroU32::new(60).expect("sixty is not zero");

/// Wait this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Too many tries. Wait {} seconds.", .0.as_secs().max(1))]
pub struct TooMany(pub Duration);

/// Ten tries a minute per account, sixty per address.
pub struct SignInLimits {
    accounts: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<String>,
}

impl std::fmt::Debug for SignInLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignInLimits").finish_non_exhaustive()
    }
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self {
            accounts: RateLimiter::keyed(Quota::per_minute(PER_ACCOUNT)),
            addresses: RateLimiter::keyed(Quota::per_minute(PER_ADDRESS)),
        }
    }
}

impl SignInLimits {
    pub fn try_once(&self, account: &str, address: &str) -> Result<(), TooMany> {
        check(&self.addresses, address)?;
        check(&self.accounts, account)
    }

    /// Forgets whoever has been quiet long enough; call now and then.
    pub fn forget_quiet(&self) {
        self.accounts.retain_recent();
        self.addresses.retain_recent();
    }
}

fn check(limiter: &DefaultKeyedRateLimiter<String>, key: &str) -> Result<(), TooMany> {
    limiter.check_key(&key.to_owned()).map_err(|until| TooMany(until.wait_time_from(limiter.clock().now())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_try_for_an_account_waits_and_others_do_not() {
        let limits = SignInLimits::default();
        for n in 0..10 {
            limits.try_once("ada", &format!("192.0.2.{n}")).unwrap();
        }
        let TooMany(wait) = limits.try_once("ada", "192.0.2.99").unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_mins(1));
        limits.try_once("grace", "192.0.2.99").unwrap();
    }

    #[test]
    fn the_sixty_first_try_from_an_address_waits() {
        let limits = SignInLimits::default();
        for n in 0..60 {
            limits.try_once(&format!("user{n}"), "192.0.2.1").unwrap();
        }
        assert!(limits.try_once("another", "192.0.2.1").is_err());
    }
}
