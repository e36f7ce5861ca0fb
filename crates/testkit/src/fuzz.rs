use std::{
    env,
    time::{Duration, Instant},
};

use proptest::{
    strategy::Strategy,
    test_runner::{Config, TestCaseResult, TestRunner},
};

/// Seconds for each target; `cargo xtask test --fuzz-seconds` sets it.
const VARIABLE: &str = "USHER_FUZZ_SECONDS";
const MOST: u64 = 180;
/// Cases between two looks at the clock.
const AT_ONCE: u32 = 32;

/// Tries random values until the time of this target is over, one second unless `USHER_FUZZ_SECONDS` says otherwise.
/// Each run tries others; what breaks is made as small as possible and shown.
pub fn fuzz<S: Strategy>(values: &S, test: impl Fn(S::Value) -> TestCaseResult) {
    let seconds = env::var(VARIABLE).ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(1);
    fuzz_for(Duration::from_secs(seconds.min(MOST)), values, test);
}

fn fuzz_for<S: Strategy>(limit: Duration, values: &S, test: impl Fn(S::Value) -> TestCaseResult) {
    let began = Instant::now();
    let mut cases = 0_u64;
    loop {
        // A runner counts its cases: each batch needs another.
        let mut runner = TestRunner::new(Config { cases: AT_ONCE, failure_persistence: None, ..Config::default() });
        if let Err(failure) = runner.run(values, &test) {
            panic!("{failure}");
        }
        cases += u64::from(AT_ONCE);
        if began.elapsed() >= limit {
            break;
        }
    }
    println!("{cases} cases in {:.1} s", began.elapsed().as_secs_f32());
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::any, prop_assert};

    use super::*;

    #[test]
    fn what_holds_passes_and_what_does_not_is_found() {
        fuzz_for(Duration::ZERO, &any::<u8>(), |_| Ok(()));
        // Over as soon as it is found.
        let found = std::panic::catch_unwind(|| {
            fuzz_for(Duration::from_mins(1), &any::<u8>(), |number| {
                prop_assert!(number < 200, "too large");
                Ok(())
            });
        });
        assert!(found.is_err());
    }
}
