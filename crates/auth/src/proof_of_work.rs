//! A proof of work: a sum that a browser does before it registers, so that a flood costs whoever makes it.
//!
//! The ALTCHA protocol, version 2: the key that PBKDF2 derives from a nonce and a counter has to begin with a prefix, so
//! some 256 counters have to be tried. A challenge is signed and not kept; what is kept is which were used, until they
//! expire. A browser does the sum by its own cryptography, and we check it by doing one of those steps.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use altcha::{ChallengeParameters, HmacAlgorithm, Payload, VerifySolutionOptions, sign_challenge, verify_solution};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{Dice, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// What browsers do by themselves (`deriveBits` of Web Cryptography).
const ALGORITHM: &str = "PBKDF2/SHA-256";
/// Rounds for one counter. With the prefix a million in all, about a second of an ordinary laptop.
const COST: u32 = 5_000;
/// In hexadecimal: one key in 256 begins so.
const PREFIX: &str = "00";
const KEY_BYTES: usize = 32;
/// A challenge is good for so long: somebody may take their time with the form.
const LIFE: Duration = Duration::from_hours(1);
/// Used challenges that are remembered. Whoever pushes one of them out has solved as many others.
const REMEMBERED: usize = 10_000;
/// Characters of a solution: twice what ours have.
const SOLUTION: usize = 2_000;
/// Where a challenge says until when it is good, in microseconds. The protocol's own `expiresAt` is compared with the
/// machine's clock, and ours is handed to us.
const UNTIL: &str = "until";

/// Why a solution counts as none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    #[error("The check that you are no robot has expired. Try again.")]
    Expired,
    #[error("The check that you are no robot was used already. Try again.")]
    Used,
    /// No solution, not the right one, or not of a challenge of ours.
    #[error("The check that you are no robot did not succeed. Try again.")]
    Wrong,
}

/// Makes challenges, and checks what browsers made of them.
#[derive(Debug)]
pub struct ProofOfWork {
    secret: SecretString,
    cost: u32,
    /// By the moment at which they expire.
    used: Mutex<BTreeSet<(i64, String)>>,
}

impl ProofOfWork {
    pub fn new(secret: SecretString) -> Self {
        Self { secret, cost: COST, used: Mutex::default() }
    }

    /// A challenge, as JSON.
    pub fn challenge(&self, dice: &dyn Dice, now: Timestamp) -> String {
        let random = || {
            let mut bytes = [0; 16];
            dice.fill(&mut bytes);
            bytes.map(|byte| format!("{byte:02x}")).concat()
        };
        let mut parameters = ChallengeParameters {
            algorithm: ALGORITHM.to_owned(),
            cost: self.cost,
            data: Some(BTreeMap::from([(UNTIL.to_owned(), now.plus(LIFE).as_micros().into())])),
            expires_at: None,
            key_length: KEY_BYTES,
            key_prefix: PREFIX.to_owned(),
            key_signature: None,
            memory_cost: None,
            nonce: random(),
            parallelism: None,
            salt: random(),
        };
        sign_challenge(&HmacAlgorithm::Sha256, &mut parameters, None, self.secret.expose_secret(), None)
            .ok()
            .and_then(|challenge| serde_json::to_string(&challenge).ok())
            .expect("parameters are JSON, and HMAC takes keys of any length")
    }

    /// Whether this is the solution of a challenge of ours that was never used before: now it is. Takes a millisecond or
    /// two; what is not ours is told by its signature, at once.
    pub fn check(&self, solution: &str, now: Timestamp) -> Result<(), Unproven> {
        let Payload { challenge, solution } = read(solution).ok_or(Unproven::Wrong)?;
        let options = VerifySolutionOptions::new(&challenge, &solution, self.secret.expose_secret());
        let is_right = verify_solution(options).is_ok_and(|result| result.verified);
        let until = challenge.parameters.data.as_ref().and_then(|data| data.get(UNTIL)).and_then(Value::as_i64);
        let (true, Some(until), Some(signature)) = (is_right, until, challenge.signature) else {
            return Err(Unproven::Wrong);
        };
        if until <= now.as_micros() {
            return Err(Unproven::Expired);
        }
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        // One that could not be remembered is good no more.
        if used.len() >= REMEMBERED && used.first().is_some_and(|(first, _)| until < *first) {
            return Err(Unproven::Expired);
        }
        if !used.insert((until, signature)) {
            return Err(Unproven::Used);
        }
        while used.first().is_some_and(|(until, _)| *until <= now.as_micros()) || used.len() > REMEMBERED {
            used.pop_first();
        }
        Ok(())
    }
}

/// As the protocol sends it: JSON in base64.
fn read(solution: &str) -> Option<Payload> {
    if solution.len() > SOLUTION {
        return None;
    }
    serde_json::from_slice(&STANDARD.decode(solution).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use altcha::{Challenge, Solution, SolveChallengeOptions, solve_challenge};
    use testkit::SeededDice;

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    fn proof_of_work(secret: &str) -> ProofOfWork {
        ProofOfWork { cost: 10, ..ProofOfWork::new(SecretString::from(secret)) }
    }

    fn solved(challenge: &str) -> Payload {
        let challenge: Challenge = serde_json::from_str(challenge).unwrap();
        let solution = solve_challenge(SolveChallengeOptions::new(&challenge)).unwrap().unwrap();
        Payload { challenge, solution }
    }

    fn sent(payload: &Payload) -> String {
        STANDARD.encode(serde_json::to_vec(payload).unwrap())
    }

    #[test]
    fn a_challenge_is_good_once() {
        let (ours, dice) = (proof_of_work("ours"), SeededDice::new(1));
        let solution = sent(&solved(&ours.challenge(&dice, NOW)));
        assert!(solution.len() < SOLUTION, "{}", solution.len());
        assert_eq!(ours.check(&solution, NOW), Ok(()));
        assert_eq!(ours.check(&solution, NOW), Err(Unproven::Used));
        let next = sent(&solved(&ours.challenge(&dice, NOW)));
        assert_eq!(ours.check(&next, NOW), Ok(()), "another one is another one");
    }

    #[test]
    fn it_outlives_a_restart_and_not_its_time() {
        let solution = sent(&solved(&proof_of_work("ours").challenge(&SeededDice::new(1), NOW)));
        let ours = proof_of_work("ours");
        assert_eq!(ours.check(&solution, NOW.plus(LIFE)), Err(Unproven::Expired));
        assert_eq!(ours.check(&solution, NOW.plus(LIFE).minus(Duration::from_micros(1))), Ok(()));
    }

    #[test]
    fn what_is_wrong_altered_or_foreign_is_none() {
        let ours = proof_of_work("ours");
        let good = solved(&ours.challenge(&SeededDice::new(1), NOW));
        let wrong = |what: &str, payload: &Payload| {
            assert_eq!(ours.check(&sent(payload), NOW), Err(Unproven::Wrong), "{what}");
        };
        let counted = |counter| Payload { solution: Solution { counter, ..good.solution.clone() }, ..good.clone() };
        wrong("another counter", &counted(good.solution.counter + 1));
        let altered = |alter: &dyn Fn(&mut ChallengeParameters)| {
            let mut payload = good.clone();
            alter(&mut payload.challenge.parameters);
            payload
        };
        wrong("easier", &altered(&|parameters| parameters.cost = 1));
        wrong("no prefix", &altered(&|parameters| parameters.key_prefix = String::new()));
        wrong("for ever", &altered(&|parameters| parameters.data = None));
        let mut unsigned = good.clone();
        unsigned.challenge.signature = None;
        wrong("unsigned", &unsigned);
        wrong("foreign", &solved(&proof_of_work("theirs").challenge(&SeededDice::new(1), NOW)));
        for nonsense in ["", "x", "e30=", &STANDARD.encode(" ".repeat(3_000))] {
            assert_eq!(ours.check(nonsense, NOW), Err(Unproven::Wrong), "{nonsense}");
        }
        assert_eq!(ours.check(&sent(&good), NOW), Ok(()), "none of these used it up");
    }

    #[test]
    fn used_ones_are_forgotten_once_they_are_no_good() {
        let (ours, dice) = (proof_of_work("ours"), SeededDice::new(1));
        ours.check(&sent(&solved(&ours.challenge(&dice, NOW))), NOW).unwrap();
        let later = NOW.plus(LIFE);
        ours.check(&sent(&solved(&ours.challenge(&dice, later))), later).unwrap();
        assert_eq!(ours.used.lock().unwrap().len(), 1);
    }

    #[test]
    fn so_many_used_ones_are_remembered() {
        let (ours, dice) = (proof_of_work("ours"), SeededDice::new(1));
        let until = NOW.plus(LIFE).as_micros();
        ours.used.lock().unwrap().extend((0..REMEMBERED).map(|n| (until - 1, n.to_string())));
        ours.check(&sent(&solved(&ours.challenge(&dice, NOW))), NOW).unwrap();
        assert_eq!(ours.used.lock().unwrap().len(), REMEMBERED);
    }
}
