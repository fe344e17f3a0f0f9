//! The teams of a book: trees of parents, checked for cycles.
//!
//! All walks are loops, so a chain of any length is walked on a small stack; checking takes time
//! in the number of teams.

use std::collections::BTreeMap;

use super::error::{BookError, Capped, RecordKind, RecordName};
use super::records::Team;
use super::symbols::{Symbol, Symbols};

#[derive(Debug, Clone, Default)]
pub(super) struct Teams {
    places: BTreeMap<Symbol, u32>,
    list: Vec<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    id: Symbol,
    name: Option<Symbol>,
    parent: Option<Symbol>,
}

impl Teams {
    /// Adds a team of an id that is not there yet; its parent may come later.
    pub(super) fn push(&mut self, team: &Team, symbols: &mut Symbols) {
        let entry = Entry {
            id: symbols.intern(&team.id),
            name: team.name.as_deref().map(|name| symbols.intern(name)),
            parent: team.parent.as_deref().map(|parent| symbols.intern(parent)),
        };
        self.places.insert(entry.id, self.list.len() as u32);
        self.list.push(entry);
    }

    pub(super) fn has(&self, id: Symbol) -> bool {
        self.places.contains_key(&id)
    }

    pub(super) fn parent(&self, id: Symbol) -> Option<Symbol> {
        self.list[*self.places.get(&id)? as usize].parent
    }

    /// Unknown parents and cycles, each cycle once.
    pub(super) fn check(&self, symbols: &Symbols, problems: &mut Capped<BookError>) {
        let parents: Vec<Option<usize>> = self
            .list
            .iter()
            .map(|team| {
                let parent = team.parent?;
                let place = self.places.get(&parent).map(|&place| place as usize);
                if place.is_none() {
                    problems.push(|| BookError::Unknown {
                        record: RecordName::Id(RecordKind::Team, symbols.text(team.id).to_owned()),
                        place: "parent".to_owned(),
                        kind: RecordKind::Team,
                        name: symbols.text(parent).to_owned(),
                    });
                }
                place
            })
            .collect();
        let mut seen_in = vec![usize::MAX; parents.len()]; // the walk that came by first
        for start in 0..parents.len() {
            let mut at = start;
            while seen_in[at] == usize::MAX {
                seen_in[at] = start;
                match parents[at] {
                    Some(parent) => at = parent,
                    None => break,
                }
            }
            // Back at a team of this very walk, and not merely stopped at a root.
            if seen_in[at] == start && parents[at].is_some() {
                problems.push(|| self.cycle(at, &parents, symbols));
            }
        }
    }

    fn cycle(&self, at: usize, parents: &[Option<usize>], symbols: &Symbols) -> BookError {
        let name = |place: usize| symbols.text(self.list[place].id).to_owned();
        let mut teams = vec![name(at)];
        let mut next = parents[at];
        while let Some(place) = next.filter(|&place| place != at) {
            teams.push(name(place));
            next = parents[place];
        }
        let least = (0..teams.len()).min_by_key(|&place| &teams[place]);
        teams.rotate_left(least.unwrap_or(0));
        teams.push(teams[0].clone()); // a cycle has at least one
        BookError::TeamCycle { teams }
    }

    /// The teams as records, sorted by id.
    pub(super) fn records(&self, symbols: &Symbols) -> Vec<Team> {
        let text = |symbol: Symbol| symbols.text(symbol).to_owned();
        let mut teams: Vec<Team> = self
            .list
            .iter()
            .map(|team| Team {
                id: text(team.id),
                name: team.name.map(text),
                parent: team.parent.map(text),
            })
            .collect();
        teams.sort_by(|a, b| a.id.cmp(&b.id));
        teams
    }

    pub(super) fn bytes(&self) -> usize {
        // A map's node costs about twice its entries.
        self.list.capacity() * size_of::<Entry>() + self.places.len() * 16
    }
}
