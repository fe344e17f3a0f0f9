//! A text for each customer: the tiers of a plan, its segments.
//!
//! A plan of a million customers has a handful of tiers. So ids stand one after another in one
//! text, which tiers and segments share, and each different tier is there once: about 30 bytes a
//! customer for both together, where maps of texts would take ten times that. Finding a customer
//! takes a binary search; inserting and removing one takes time linear in all of them.

use std::collections::HashMap;
use std::fmt;
use std::ops::Index;
use std::sync::Arc;

use crate::steps;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text for each customer, by id and in order of id.
///
/// ```
/// use bookwright::ByCustomer;
/// let texts = [("c2", "B"), ("c1", "A")].map(|(id, text)| (id.to_owned(), text.to_owned()));
/// let mut tiers: ByCustomer = texts.into_iter().collect();
/// assert_eq!(tiers["c1"], "A");
/// assert_eq!(tiers.get("c3"), None);
/// assert_eq!(tiers.insert("c1", "B".to_owned()), Some("A".to_owned()));
/// assert!(tiers.iter().eq([("c1", &"B".to_owned()), ("c2", &"B".to_owned())]));
/// ```
#[derive(Clone, Default)]
pub struct ByCustomer {
    ids: Arc<Ids>,
    /// The different texts.
    texts: Vec<String>,
    /// By place of the id.
    text_of: Vec<u32>,
}

/// Ids in ascending order, one after another.
#[derive(Debug, Clone, Default)]
pub(super) struct Ids {
    all: String,
    /// Where each ends.
    ends: Vec<usize>,
}

/// The customers of a [`ByCustomer`] with their texts, in order of id.
#[derive(Debug, Clone)]
pub struct IterByCustomer<'a> {
    of: &'a ByCustomer,
    next: usize,
}

impl Ids {
    /// Of ids in ascending order, while `look` lets it go on.
    pub(super) fn watched<'i, E>(
        all: impl IntoIterator<Item = &'i str>,
        look: &mut dyn FnMut() -> Result<(), E>,
    ) -> Result<Self, E> {
        let all = all.into_iter();
        let mut ids = Self {
            all: String::new(),
            ends: Vec::with_capacity(all.size_hint().0),
        };
        steps::each(all, look, |id| ids.push(id))?;
        ids.all.shrink_to_fit();
        Ok(ids)
    }

    /// Adds an id that is greater than all before.
    fn push(&mut self, id: &str) {
        self.all.push_str(id);
        self.ends.push(self.all.len());
    }

    fn get(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.all[start..self.ends[at]]
    }

    /// The place of an id, or where it would be.
    fn find(&self, id: &str) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.get(middle).cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Ok(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }
}

/// Of ids in ascending order.
impl<'i> FromIterator<&'i str> for Ids {
    fn from_iter<I: IntoIterator<Item = &'i str>>(all: I) -> Self {
        steps::unstopped(Self::watched(all, &mut || Ok(())))
    }
}

impl ByCustomer {
    /// One of the texts for each id, by number.
    pub(super) fn new(ids: Arc<Ids>, texts: Vec<String>, text_of: Vec<u32>) -> Self {
        Self {
            ids,
            texts,
            text_of,
        }
    }

    /// How many customers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.text_of.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text_of.is_empty()
    }

    /// The text of a customer.
    #[must_use]
    pub fn get(&self, customer: &str) -> Option<&String> {
        let at = self.ids.find(customer).ok()?;
        Some(self.text(at))
    }

    /// Whether the customer is there.
    #[must_use]
    pub fn contains_key(&self, customer: &str) -> bool {
        self.ids.find(customer).is_ok()
    }

    /// The customers with their texts, in order of id.
    #[must_use]
    pub const fn iter(&self) -> IterByCustomer<'_> {
        IterByCustomer { of: self, next: 0 }
    }

    /// The customers, in order of id.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(id, _)| id)
    }

    /// The texts, in order of the customers' ids.
    pub fn values(&self) -> impl Iterator<Item = &String> {
        self.iter().map(|(_, text)| text)
    }

    /// Gives a customer a text; what it had before. Linear in the customers where it is new.
    pub fn insert(&mut self, customer: &str, text: String) -> Option<String> {
        let number = self.number(text);
        match self.ids.find(customer) {
            Ok(at) => {
                let before = std::mem::replace(&mut self.text_of[at], number);
                Some(self.texts[before as usize].clone())
            }
            Err(at) => {
                let ids = Arc::make_mut(&mut self.ids);
                let start = at.checked_sub(1).map_or(0, |before| ids.ends[before]);
                ids.all.insert_str(start, customer);
                ids.ends.insert(at, start);
                ids.ends[at..]
                    .iter_mut()
                    .for_each(|end| *end += customer.len());
                self.text_of.insert(at, number);
                None
            }
        }
    }

    /// Takes a customer out; the text that it had. Linear in the customers.
    pub fn remove(&mut self, customer: &str) -> Option<String> {
        let at = self.ids.find(customer).ok()?;
        let ids = Arc::make_mut(&mut self.ids);
        let end = ids.ends.remove(at);
        ids.all.replace_range(end - customer.len()..end, "");
        ids.ends[at..]
            .iter_mut()
            .for_each(|end| *end -= customer.len());
        let text = self.text_of.remove(at);
        Some(self.texts[text as usize].clone())
    }

    fn text(&self, at: usize) -> &String {
        &self.texts[self.text_of[at] as usize]
    }

    /// The number of a text, new where it was not there.
    fn number(&mut self, text: String) -> u32 {
        let known = self.texts.iter().position(|own| *own == text);
        let number = known.unwrap_or_else(|| {
            self.texts.push(text);
            self.texts.len() - 1
        });
        number as u32 // at most one a customer
    }
}

impl<'a> Iterator for IterByCustomer<'a> {
    type Item = (&'a str, &'a String);

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.next;
        if at == self.of.len() {
            return None;
        }
        self.next += 1;
        Some((self.of.ids.get(at), self.of.text(at)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.of.len() - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for IterByCustomer<'_> {}

impl<'a> IntoIterator for &'a ByCustomer {
    type Item = (&'a str, &'a String);
    type IntoIter = IterByCustomer<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Of a customer that comes twice, the last text counts.
impl FromIterator<(String, String)> for ByCustomer {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(entries: I) -> Self {
        let mut texts: Vec<String> = Vec::new();
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut entries: Vec<(String, u32)> = (entries.into_iter())
            .map(|(id, text)| {
                let number = match numbers.get(&text) {
                    Some(number) => *number,
                    None => {
                        let number = texts.len() as u32; // at most one a customer
                        texts.push(text.clone());
                        numbers.insert(text, number);
                        number
                    }
                };
                (id, number)
            })
            .collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        let mut ids = Ids::default();
        let mut text_of: Vec<u32> = Vec::with_capacity(entries.len());
        let mut before: Option<String> = None;
        for (id, text) in entries {
            if before.as_ref() == Some(&id) {
                text_of.pop();
            } else {
                ids.push(&id);
            }
            text_of.push(text);
            before = Some(id);
        }
        Self::new(Arc::new(ids), texts, text_of)
    }
}

/// The text of a customer.
///
/// # Panics
/// If the customer is not there.
impl<Q: AsRef<str> + ?Sized> Index<&Q> for ByCustomer {
    type Output = String;

    fn index(&self, customer: &Q) -> &String {
        match self.ids.find(customer.as_ref()) {
            Ok(at) => self.text(at),
            Err(_) => &self.texts[usize::MAX], // as every index that is not there
        }
    }
}

/// The same customers with the same texts.
impl PartialEq for ByCustomer {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for ByCustomer {}

impl fmt::Debug for ByCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl Serialize for ByCustomer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de> Deserialize<'de> for ByCustomer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = ByCustomer;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ByCustomer, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries.into_iter().collect())
            }
        }
        deserializer.deserialize_map(Texts)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::ByCustomer;

    /// Against a map of texts, over a few hundred random steps.
    #[test]
    fn it_is_a_map_in_order_of_id() {
        let (mut own, mut map) = (ByCustomer::default(), BTreeMap::new());
        let mut state = 1_u64;
        for _ in 0..600 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let id = ["", "a", "客户", "aa", "c10", "c1", "c2", "zz"][(state >> 40) as usize % 8];
            let text = ["A", "B", "", "丙"][(state >> 50) as usize % 4].to_owned();
            if state >> 62 == 0 {
                assert_eq!(own.remove(id), map.remove(id));
            } else {
                assert_eq!(
                    own.insert(id, text.clone()),
                    map.insert(id.to_owned(), text)
                );
            }
            let other: ByCustomer = map.clone().into_iter().rev().collect();
            assert_eq!(own, other);
            assert_eq!((own.len(), own.is_empty()), (map.len(), map.is_empty()));
            assert!(
                own.iter()
                    .eq(map.iter().map(|(id, text)| (id.as_str(), text)))
            );
            assert_eq!(own.get(id), map.get(id));
            assert_eq!(format!("{own:?}"), format!("{map:?}"));
        }
    }

    #[test]
    fn of_a_customer_that_comes_twice_the_last_counts() {
        let json = r#"{"c2":"B","c1":"A","c2":"C"}"#;
        let read: ByCustomer = serde_json::from_str(json).unwrap();
        assert_eq!(
            serde_json::to_string(&read).unwrap(),
            r#"{"c1":"A","c2":"C"}"#
        );
    }

    #[test]
    #[should_panic(expected = "out of bounds")]
    fn a_stranger_has_no_text() {
        let _ = ByCustomer::default()["c1"].len();
    }
}
