//! Codes for whoever has lost their other factors: written down once, each good once.

use domain::Dice;
use secrecy::SecretString;

use crate::token::hash_token;

/// No letter or digit that is mistaken for another (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Letters of a code: 80 bits, so that its hash cannot be guessed backwards.
const LENGTH: usize = 16;
const TOGETHER: usize = 4;

/// A code as it is shown: `4f7k-…`.
pub fn make(dice: &dyn Dice) -> SecretString {
    let mut bytes = [0; LENGTH];
    dice.fill(&mut bytes);
    let letters: Vec<u8> = bytes.iter().map(|byte| LETTERS[usize::from(byte % 32)]).collect();
    let together: Vec<&str> = letters.chunks(TOGETHER).filter_map(|chunk| str::from_utf8(chunk).ok()).collect();
    SecretString::from(together.join("-"))
}

/// What is kept of a code, however it was typed; `None` where it is none.
pub fn hash(typed: &str) -> Option<[u8; 32]> {
    let letters = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    });
    let code: String = letters.take(LENGTH + 1).collect();
    let is_one = code.len() == LENGTH && code.bytes().all(|byte| LETTERS.contains(&byte));
    is_one.then(|| hash_token(&code))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use testkit::SeededDice;

    use super::*;

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        let code = make(&SeededDice::new(1));
        let code = code.expose_secret();
        assert_eq!(code.len(), 19);
        let kept = hash(code).unwrap();
        assert_eq!(hash(&format!(" {} ", code.to_uppercase().replace('-', " "))), Some(kept));
        assert_eq!(hash("oooo-oooo-iiii-llll"), hash("0000000011111111"));
        assert_ne!(hash("0000-0000-0000-0000"), Some(kept));
        for other in ["", "123456", "0000-0000-0000-000", "0000-0000-0000-00000", "0000-0000-0000-000u"] {
            assert_eq!(hash(other), None, "{other}");
        }
    }
}
