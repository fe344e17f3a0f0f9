//! From a book that breaks something to a smaller one that still does.
//!
//! One piece after another is left out, the large ones first: customers, reps, teams, tables, pins
//! and exclusions, owners, single values. What is left cannot lose any one of them. Each attempt
//! costs one look at the candidate; a pass over a book of n pieces makes n attempts, and passes
//! are repeated while something was left out.

use std::collections::BTreeMap;

use crate::model::Records;

/// The smallest records found that are still `broken`. What they refer to goes with what is left
/// out: the owners, pins and exclusions of a rep, the teams of nobody.
pub(crate) fn smallest(records: Records, mut broken: impl FnMut(&Records) -> bool) -> Records {
    let mut smallest = records;
    loop {
        let before = pieces(&smallest);
        for part in PARTS {
            // From the end, so that what was not looked at yet keeps its place.
            for at in (0..(part.count)(&smallest)).rev() {
                let mut candidate = smallest.clone();
                (part.leave_out)(&mut candidate, at);
                if broken(&candidate) {
                    smallest = candidate;
                }
            }
        }
        if pieces(&smallest) == before {
            return smallest;
        }
    }
}

/// One sort of pieces of a book.
struct Part {
    count: fn(&Records) -> usize,
    leave_out: fn(&mut Records, usize),
}

const PARTS: [Part; 9] = [
    Part {
        count: |records| records.customers.len(),
        leave_out: |records, at| {
            let id = records.customers.remove(at).id;
            records.pins.retain(|pin| pin.customer != id);
            records
                .exclusions
                .retain(|exclusion| exclusion.customer != id);
        },
    },
    Part {
        count: |records| records.reps.len(),
        leave_out: |records, at| {
            let id = records.reps.remove(at).id;
            records.pins.retain(|pin| pin.rep != id);
            records.exclusions.retain(|exclusion| exclusion.rep != id);
            for customer in &mut records.customers {
                customer.owners.retain(|_, owner| owner.rep != id);
            }
        },
    },
    Part {
        count: |records| records.pins.len(),
        leave_out: |records, at| drop(records.pins.remove(at)),
    },
    Part {
        count: |records| records.exclusions.len(),
        leave_out: |records, at| drop(records.exclusions.remove(at)),
    },
    Part {
        count: |records| records.tables.values().map(BTreeMap::len).sum(),
        leave_out: |records, at| remove_nth(records.tables.values_mut(), at),
    },
    Part {
        count: |records| records.customers.iter().map(|it| it.owners.len()).sum(),
        leave_out: |records, at| {
            remove_nth(records.customers.iter_mut().map(|it| &mut it.owners), at);
        },
    },
    Part {
        count: |records| records.customers.iter().map(|it| it.attributes.len()).sum(),
        leave_out: |records, at| {
            remove_nth(
                records.customers.iter_mut().map(|it| &mut it.attributes),
                at,
            );
        },
    },
    Part {
        count: |records| records.reps.iter().map(|it| it.attributes.len()).sum(),
        leave_out: |records, at| {
            remove_nth(records.reps.iter_mut().map(|it| &mut it.attributes), at);
        },
    },
    Part {
        count: |records| records.teams.len(),
        leave_out: |records, at| drop(records.teams.remove(at)),
    },
];

/// Removes the entry of that number, counted over all maps together.
fn remove_nth<'a, V: 'a>(maps: impl Iterator<Item = &'a mut BTreeMap<String, V>>, at: usize) {
    let mut at = at;
    for map in maps {
        if let Some(key) = map.keys().nth(at).cloned() {
            map.remove(&key);
            return;
        }
        at -= map.len();
    }
}

fn pieces(records: &Records) -> usize {
    PARTS.iter().map(|part| (part.count)(records)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Customer, Exclusion, Pin, Rep};

    #[test]
    fn what_is_not_needed_goes() {
        let records = Records {
            customers: ["c1", "c2", "c3"]
                .map(|id| {
                    Customer::new(id)
                        .set("region", "east")
                        .owner("developer", "r2")
                })
                .to_vec(),
            reps: ["r1", "r2"]
                .map(|id| Rep::new(id).roles(["developer"]).set("level", 2))
                .to_vec(),
            pins: vec![
                Pin::new("c1", "developer", "r1"),
                Pin::new("c2", "developer", "r1"),
            ],
            exclusions: vec![Exclusion::new("c3", "r2")],
            ..Records::default()
        };
        let broken = |records: &Records| {
            let c2 = records
                .customers
                .iter()
                .find(|customer| customer.id == "c2");
            c2.is_some_and(|c2| c2.attributes.contains_key("region"))
                && records.pins.iter().any(|pin| pin.customer == "c2")
        };
        let small = smallest(records, broken);
        // The pin goes with its rep, so the rep stays.
        let expected = Records {
            customers: vec![Customer::new("c2").set("region", "east")],
            reps: vec![Rep::new("r1")],
            pins: vec![Pin::new("c2", "developer", "r1")],
            ..Records::default()
        };
        assert_eq!(small, expected);
    }
}
