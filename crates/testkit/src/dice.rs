use std::sync::{Mutex, PoisonError};

use domain::Dice;

/// Dice for tests only: the same seed rolls the same bytes, so nothing they make is a secret.
#[derive(Debug)]
pub struct SeededDice(Mutex<u64>);

impl SeededDice {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Default for SeededDice {
    fn default() -> Self {
        Self::new(1)
    }
}

impl Dice for SeededDice {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&splitmix64(&mut state).to_le_bytes()[..chunk.len()]);
        }
    }
}

/// Sebastiano Vigna's `SplitMix64`, public domain.
fn splitmix64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roll(dice: &SeededDice) -> [u8; 11] {
        let mut bytes = [0; 11];
        dice.fill(&mut bytes);
        bytes
    }

    #[test]
    fn a_seed_decides_every_roll() {
        let (one, same, other) = (SeededDice::new(7), SeededDice::new(7), SeededDice::new(8));
        let first = roll(&one);
        assert_eq!(first, roll(&same));
        assert_ne!(first, roll(&other));
        assert_ne!(first, roll(&one), "a second roll differs");
    }

    #[test]
    fn the_first_number_is_the_published_one() {
        let mut bytes = [0; 8];
        SeededDice::new(1_234_567).fill(&mut bytes);
        assert_eq!(u64::from_le_bytes(bytes), 6_457_827_717_110_365_317);
    }
}
