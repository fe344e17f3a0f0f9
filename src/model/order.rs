//! The canonical order: rows by the text of their ids, ascending by bytes.

use super::symbols::{Symbol, Symbols};

/// The rows of those ids in the order of their texts. Takes n log n comparisons, most of them of
/// eight bytes: what all ids begin with is left out of the key.
pub(super) fn by_text(ids: &[Symbol], symbols: &Symbols) -> Vec<u32> {
    let common = common_prefix(ids, symbols);
    let mut keyed: Vec<(u64, u32)> = ids
        .iter()
        .zip(0..)
        .map(|(&id, row)| (key(&symbols.text(id).as_bytes()[common..]), row))
        .collect();
    let rest = |row: u32| &symbols.text(ids[row as usize]).as_bytes()[common..];
    keyed.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| rest(a.1).cmp(rest(b.1))));
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// The first eight bytes, filled up with 0; a tie is for the texts to decide.
fn key(text: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let len = text.len().min(8);
    bytes[..len].copy_from_slice(&text[..len]);
    u64::from_be_bytes(bytes)
}

fn common_prefix(ids: &[Symbol], symbols: &Symbols) -> usize {
    let Some((first, rest)) = ids.split_first() else {
        return 0;
    };
    let first = symbols.text(*first).as_bytes();
    rest.iter().fold(first.len(), |common, &id| {
        let text = symbols.text(id).as_bytes();
        let shared = first[..common].iter().zip(text).take_while(|(a, b)| a == b);
        shared.count()
    })
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
        let sorted: Vec<&str> = by_text(&ids, &symbols)
            .into_iter()
            .map(|row| texts[row as usize])
            .collect();
        let mut expected = texts.to_vec();
        expected.sort_unstable();
        assert_eq!(sorted, expected);
    }
}
