//! What looked wrong in the records of a book, gathered so that their order does not matter.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{RecordKind, RecordName, Warning};

/// Keeps the least so many of each sort.
#[derive(Debug, Clone, Default)]
pub(super) struct Warnings {
    cap: usize,
    strange: BTreeMap<RecordName, char>,
    keys: BTreeMap<(RecordKind, String), Key>,
    tables: BTreeSet<String>,
}

#[derive(Debug, Clone)]
struct Key {
    computed: bool,
    records: usize,
    first: String,
}

impl Warnings {
    pub(super) fn new(cap: usize) -> Self {
        Self {
            cap,
            ..Self::default()
        }
    }

    pub(super) fn strange_id(&mut self, record: RecordName, character: char) {
        self.strange.insert(record, character);
        if self.strange.len() > self.cap {
            self.strange.pop_last();
        }
    }

    pub(super) fn unknown_key(&mut self, kind: RecordKind, key: &str, computed: bool, id: &str) {
        let fresh = || Key {
            computed,
            records: 0,
            first: id.to_owned(),
        };
        let known = self
            .keys
            .entry((kind, key.to_owned()))
            .or_insert_with(fresh);
        known.records += 1;
        if id < known.first.as_str() {
            known.first = id.to_owned();
        }
        if self.keys.len() > self.cap {
            self.keys.pop_last();
        }
    }

    pub(super) fn unknown_table(&mut self, table: &str) {
        self.tables.insert(table.to_owned());
        if self.tables.len() > self.cap {
            self.tables.pop_last();
        }
    }

    pub(super) fn list(&self) -> Vec<Warning> {
        let strange = self.strange.iter().map(|(record, &character)| {
            let record = record.clone();
            Warning::StrangeId { record, character }
        });
        let keys = self.keys.iter().map(|((kind, key), found)| {
            let (kind, key) = (*kind, key.clone());
            let (records, first) = (found.records, found.first.clone());
            if found.computed {
                Warning::ComputedKey {
                    kind,
                    key,
                    records,
                    first,
                }
            } else {
                Warning::UnknownKey {
                    kind,
                    key,
                    records,
                    first,
                }
            }
        });
        let tables = self.tables.iter().map(|table| Warning::UnknownTable {
            table: table.clone(),
        });
        strange.chain(keys).chain(tables).collect()
    }
}
