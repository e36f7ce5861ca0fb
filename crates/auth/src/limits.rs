//! How often somebody may do what costs others something: sign in, register, change their own.

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use domain::UserId;
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock};

const PER_ACCOUNT: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");
const PER_ADDRESS: NonZeroU32 = NonZeroU32::new(60).expect("sixty is not zero");

/// Second factors that are tried in an hour, for one user: a code of six digits is soon guessed by whoever may go on.
const SECOND_STEPS: NonZeroU32 = NonZeroU32::new(20).expect("twenty is not zero");
/// And at once.
const SECOND_STEPS_AT_ONCE: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");

/// Changes of one's own in an hour, and at once: each is an event and goes out to every system.
const OWN_CHANGES: NonZeroU32 = NonZeroU32::new(60).expect("sixty is not zero");

/// Failed sign-ins that are recorded in an hour, and at once.
const RECORDED: NonZeroU32 = NonZeroU32::new(120).expect("a hundred and twenty is not zero");
/// Failed sign-ins of one account that are recorded in an hour, and at once.
const RECORDED_OF_ONE: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");

/// Registrations in an hour, and at once: of one mail address, and from one network address.
const REGISTERED_PER_MAIL: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");
const REGISTERED_PER_ADDRESS: NonZeroU32 = NonZeroU32::new(30).expect("thirty is not zero");
/// Registrations in an hour, and at once, from one network address without the proof of work that is asked for.
const UNPROVEN_PER_ADDRESS: NonZeroU32 = NonZeroU32::new(3).expect("three is not zero");

/// Links for a new password in an hour, and at once, for one user.
const RESETS: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");

/// Links to a new mail address in an hour, and at once, for one user.
const ADDRESS_CHANGES: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");

/// Wait this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Too many tries. Wait {} seconds.", .0.as_secs().max(1))]
pub struct TooMany(pub Duration);

/// Ten tries a minute per account, sixty per address; and twenty second factors an hour per user.
pub struct SignInLimits {
    accounts: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<String>,
    second_steps: DefaultKeyedRateLimiter<String>,
    own_changes: DefaultKeyedRateLimiter<String>,
    recorded: DefaultDirectRateLimiter,
    recorded_of_one: DefaultKeyedRateLimiter<String>,
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
            second_steps: RateLimiter::keyed(Quota::per_hour(SECOND_STEPS).allow_burst(SECOND_STEPS_AT_ONCE)),
            own_changes: RateLimiter::keyed(Quota::per_hour(OWN_CHANGES)),
            recorded: RateLimiter::direct(Quota::per_hour(RECORDED)),
            recorded_of_one: RateLimiter::keyed(Quota::per_hour(RECORDED_OF_ONE)),
        }
    }
}

impl SignInLimits {
    pub fn try_once(&self, account: &str, address: &str) -> Result<(), TooMany> {
        self.try_address(address)?;
        check(&self.accounts, account)
    }

    /// Whether somebody may change one more thing of their own.
    pub fn try_own_change(&self, user: UserId) -> Result<(), TooMany> {
        check(&self.own_changes, &user.to_string())
    }

    /// Whether one more code of six digits may be tried for somebody who has shown their first factor.
    pub fn try_second_step(&self, user: UserId) -> Result<(), TooMany> {
        check(&self.second_steps, &user.to_string())
    }

    /// Where no account is named yet.
    pub fn try_address(&self, address: &str) -> Result<(), TooMany> {
        check(&self.addresses, &network(address))
    }

    /// Whether a failed sign-in is recorded for good: so many an hour for an account and altogether, or whoever tries
    /// without end would fill the audit trail. The log has them all.
    pub fn records_failure(&self, account: &str) -> bool {
        self.recorded_of_one.check_key(&account.to_owned()).is_ok() && self.recorded.check().is_ok()
    }

    /// Forgets whoever has been quiet long enough; call now and then.
    pub fn forget_quiet(&self) {
        self.accounts.retain_recent();
        self.addresses.retain_recent();
        self.second_steps.retain_recent();
        self.own_changes.retain_recent();
        self.recorded_of_one.retain_recent();
    }
}

/// So that nobody floods the directory with registrations, or a mailbox with mail.
pub struct RegistrationLimits {
    mails: DefaultKeyedRateLimiter<String>,
    resets: DefaultKeyedRateLimiter<String>,
    changes: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<String>,
    unproven: DefaultKeyedRateLimiter<String>,
}

impl std::fmt::Debug for RegistrationLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegistrationLimits").finish_non_exhaustive()
    }
}

impl Default for RegistrationLimits {
    fn default() -> Self {
        Self {
            mails: RateLimiter::keyed(Quota::per_hour(REGISTERED_PER_MAIL)),
            resets: RateLimiter::keyed(Quota::per_hour(RESETS)),
            changes: RateLimiter::keyed(Quota::per_hour(ADDRESS_CHANGES)),
            addresses: RateLimiter::keyed(Quota::per_hour(REGISTERED_PER_ADDRESS)),
            unproven: RateLimiter::keyed(Quota::per_hour(UNPROVEN_PER_ADDRESS)),
        }
    }
}

impl RegistrationLimits {
    /// Whether one more link for a new password may go to somebody whom a stranger may have named. Counted apart: what
    /// is left of one would tell by the other whether there is such an account.
    pub fn try_reset(&self, user: UserId) -> Result<(), TooMany> {
        check(&self.resets, &user.to_string())
    }

    /// Before anything else of a registration: also what is refused counts.
    pub fn try_address(&self, address: &str) -> Result<(), TooMany> {
        check(&self.addresses, &network(address))
    }

    /// Where a proof of work is asked for and none came: browsers without JavaScript, and whoever floods.
    pub fn try_unproven(&self, address: &str) -> Result<(), TooMany> {
        check(&self.unproven, &network(address))
    }

    pub fn try_mail(&self, mail: &str) -> Result<(), TooMany> {
        check(&self.mails, mail)
    }

    /// Whether one more link may go to an address that a user wants to have. Counted together with registrations of that
    /// address: it is one mailbox.
    pub fn try_change(&self, user: UserId, mail: &str) -> Result<(), TooMany> {
        check(&self.changes, &user.to_string())?;
        check(&self.mails, mail)
    }

    /// Forgets whoever has been quiet long enough; call now and then.
    pub fn forget_quiet(&self) {
        self.mails.retain_recent();
        self.changes.retain_recent();
        self.resets.retain_recent();
        self.addresses.retain_recent();
        self.unproven.retain_recent();
    }
}

/// What is counted of a network address: of IPv6 its first 64 bits, as one host has all the rest.
fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(address) => address.to_string(),
        Err(_) => address.to_owned(),
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
    fn the_eleventh_second_factor_waits_for_minutes() {
        let (limits, ada) = (SignInLimits::default(), UserId(uuid::Uuid::from_u128(1)));
        for _ in 0..10 {
            limits.try_second_step(ada).unwrap();
        }
        let TooMany(wait) = limits.try_second_step(ada).unwrap_err();
        assert!(wait > Duration::from_mins(2) && wait <= Duration::from_mins(3));
        limits.try_second_step(UserId(uuid::Uuid::from_u128(2))).unwrap();
    }

    #[test]
    fn failures_are_recorded_so_often_for_one_account_and_for_all() {
        let limits = SignInLimits::default();
        let recorded = |account: &str| (0..20).filter(|_| limits.records_failure(account)).count();
        assert_eq!(recorded("ada"), 10);
        let all: usize = (0..20).map(|n| recorded(&format!("user{n}"))).sum();
        assert_eq!(all, 110);
    }

    #[test]
    fn a_mail_address_and_a_network_address_register_so_often() {
        let limits = RegistrationLimits::default();
        assert_eq!((0..50).filter(|_| limits.try_mail("ada@example.org").is_ok()).count(), 5);
        assert_eq!((0..50).filter(|_| limits.try_address("192.0.2.1").is_ok()).count(), 30);
        assert_eq!((0..50).filter(|_| limits.try_unproven("192.0.2.1").is_ok()).count(), 3);
        limits.try_mail("grace@example.org").unwrap();
        limits.try_unproven("192.0.2.2").unwrap();
    }

    #[test]
    fn a_user_and_a_mailbox_are_sent_so_many_links() {
        let limits = RegistrationLimits::default();
        let user = |n: u128| UserId(uuid::Uuid::from_u128(n));
        let tried = |who: &dyn Fn(u128) -> UserId, mail: &dyn Fn(u128) -> String| {
            (0..20).filter(|n| limits.try_change(who(*n), &mail(*n)).is_ok()).count()
        };
        assert_eq!(tried(&|_| user(99), &|n| format!("a{n}@example.org")), 5);
        assert_eq!(tried(&user, &|_| "victim@example.org".to_owned()), 5);
        assert!(limits.try_mail("victim@example.org").is_err(), "it is one mailbox");
    }

    #[test]
    fn a_host_counts_once_however_many_addresses_it_has() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        let limits = RegistrationLimits::default();
        let tried = (0..50).filter(|n| limits.try_unproven(&format!("2001:db8::{n:x}")).is_ok()).count();
        assert_eq!(tried, 3);
    }

    #[test]
    fn somebody_changes_their_own_so_often() {
        let (limits, ada) = (SignInLimits::default(), UserId(uuid::Uuid::from_u128(1)));
        assert_eq!((0..100).filter(|_| limits.try_own_change(ada).is_ok()).count(), 60);
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
