//! The canonical order: rows by the text of their ids, ascending by bytes.

use super::symbols::{Symbol, Symbols};
use crate::steps;

/// The rows of those ids in the order of their texts. Takes n log n comparisons, most of them of
/// eight bytes: what all ids begin with is left out of the key.
///
/// # Errors
/// What `look` says, which is asked whether to go on.
pub(super) fn by_text<E>(
    ids: &[Symbol],
    symbols: &Symbols,
    look: &mut dyn FnMut() -> Result<(), E>,
) -> Result<Vec<u32>, E> {
    let common = common_prefix(ids, symbols, look)?;
    let keyed =
        (ids.iter().zip(0..)).map(|(&id, row)| (key(&symbols.text(id).as_bytes()[common..]), row));
    let mut keyed: Vec<(u64, u32)> = steps::all(keyed, look)?;
    let rest = |row: u32| &symbols.text(ids[row as usize]).as_bytes()[common..];
    steps::sort_by(&mut keyed, look, |a, b| {
        a.0.cmp(&b.0).then_with(|| rest(a.1).cmp(rest(b.1)))
    })?;
    steps::all(keyed.into_iter().map(|(_, row)| row), look)
}

/// The first eight bytes, filled up with 0; a tie is for the texts to decide.
fn key(text: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let len = text.len().min(8);
    bytes[..len].copy_from_slice(&text[..len]);
    u64::from_be_bytes(bytes)
}

fn common_prefix<E>(
    ids: &[Symbol],
    symbols: &Symbols,
    look: &mut dyn FnMut() -> Result<(), E>,
) -> Result<usize, E> {
    let Some((first, rest)) = ids.split_first() else {
        return Ok(0);
    };
    let first = symbols.text(*first).as_bytes();
    let mut common = first.len();
    steps::each(rest, look, |&id| {
        let text = symbols.text(id).as_bytes();
        let shared = first[..common].iter().zip(text).take_while(|(a, b)| a == b);
        common = shared.count();
    })?;
    Ok(common)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_in_the_order_of_their_texts() {
        let mut symbols = Symbols::default();
        let texts = [
            "c-10",
            "c-9",
            "c-1",
            "c-100000000001",
            "c-100000000000",
            "c-",
            "c-客",
        ];
        let ids: Vec<Symbol> = texts.iter().map(|text| symbols.intern(text)).collect();
        let sorted: Vec<&str> = by_text(&ids, &symbols, &mut || Ok::<(), ()>(()))
            .unwrap()
            .into_iter()
            .map(|row| texts[row as usize])
            .collect();
        let mut expected = texts.to_vec();
        expected.sort_unstable();
        assert_eq!(sorted, expected);
    }
}
