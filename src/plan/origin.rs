//! What a plan was made from: how it can look behind its decisions.

use std::sync::{Arc, OnceLock};

use crate::allocation::{Room, Tariff};

use super::allocate::{Outcome, Round};
use super::demands::Need;
use super::owners::Held;
use super::proof;
use super::run::Scene;

/// Rooms are remembered after every so many turns; between them they are replayed.
const EVERY: usize = 8192;

/// The origin of a plan: nothing after it was read from JSON.
#[derive(Clone, Default)]
pub(crate) struct MadeFrom(pub(crate) Option<Arc<Origin>>);

/// What a plan was made from, and the steps between.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) scene: Scene,
    pub(crate) held: Held,
    pub(crate) outcome: Outcome,
    found: OnceLock<Found>,
}

/// Where the decisions about customers are: made when first asked for, in time linear in the
/// demands.
#[derive(Debug)]
struct Found {
    /// Customer, role, index in [`Held::kept`]; sorted.
    kept: Vec<(u32, u16, u32)>,
    /// Customer, role, index in [`Held::open`]; sorted.
    open: Vec<(u32, u16, u32)>,
    /// By index in [`Held::open`]: the round, and the turn in it.
    turns: Vec<(u32, u32)>,
    /// By round: what demands pay, once somebody asks.
    tariffs: Vec<OnceLock<Option<Tariff>>>,
    /// By round: what reps had room for after every [`EVERY`] turns.
    rooms: Vec<Vec<Room>>,
}

impl Origin {
    pub(super) const fn new(scene: Scene, held: Held, outcome: Outcome) -> Self {
        Self {
            scene,
            held,
            outcome,
            found: OnceLock::new(),
        }
    }

    fn found(&self) -> &Found {
        self.found
            .get_or_init(|| Found::new(&self.held, &self.outcome))
    }

    /// The ownership of the customer in the role that stays.
    pub(crate) fn kept(&self, customer: u32, role: u16) -> Option<&(Need, u32)> {
        let at = find(&self.found().kept, customer, role)?;
        self.held.kept.get(at as usize)
    }

    /// The open demand that the customer is part of, by index in [`Held::open`].
    pub(crate) fn open(&self, customer: u32, role: u16) -> Option<usize> {
        find(&self.found().open, customer, role).map(|at| at as usize)
    }

    /// The round in which an open demand had its turn, and what reps had room for then. A strategy
    /// without turns looks at all demands at once: then it is what is left in the end.
    pub(crate) fn turn(&self, open: usize) -> Option<(&Round, Room)> {
        let found = self.found();
        let &(round, turn) = found.turns.get(open)?;
        let (round_at, turn) = (round as usize, turn as usize);
        let round = self.outcome.rounds.get(round_at)?;
        let mut room = found.rooms[round_at].get(turn / EVERY)?.clone();
        for at in turn / EVERY * EVERY..turn {
            take(&mut room, round, &self.outcome, at);
        }
        Some((round, room))
    }
}

impl Origin {
    /// The round of an open demand, and its number there.
    pub(crate) fn round_of(&self, open: usize) -> Option<(&Round, u32)> {
        let &(round, _) = self.found().turns.get(open)?;
        let round = self.outcome.rounds.get(round as usize)?;
        let number = round.open.binary_search(&(open as u32)).ok()?;
        Some((round, number as u32))
    }

    /// What it costs beside its score to give an open demand to a rep under the prices of its
    /// round, in score; nothing where the strategy has no prices.
    pub(crate) fn price(&self, open: usize) -> Option<impl Fn(u32) -> f64> {
        let &(at, _) = self.found().turns.get(open)?;
        let (round, number) = self.round_of(open)?;
        let tariff = self.found().tariffs.get(at as usize)?;
        let tariff = tariff
            .get_or_init(|| proof::tariff(&self.scene, round, round.problem.demands.first()?))
            .as_ref()?;
        let finer = (1_i128 << tariff.scale) as f64 * 1e6;
        Some(move |rep| tariff.cost(&round.problem, number, rep) as f64 / finer)
    }

    /// Of each rep asked about, with an open demand by index in [`Held::open`]: whether it had room
    /// when the demand had its turn. All turns are replayed once, however many are asked about.
    pub(crate) fn had_room(&self, asked: &[(usize, u32)]) -> Vec<bool> {
        let found = self.found();
        let place = |at: &u32| found.turns[asked[*at as usize].0];
        let mut order: Vec<u32> = (0..asked.len() as u32).collect();
        order.retain(|at| place(at).0 != u32::MAX);
        order.sort_unstable_by_key(place);
        let mut fits = vec![false; asked.len()];
        for same in order.chunk_by(|a, b| place(a).0 == place(b).0) {
            let round = &self.outcome.rounds[place(&same[0]).0 as usize];
            let (mut room, mut done) = (Room::new(&round.problem), 0);
            for at in same {
                let turn = place(at).1 as usize;
                for next in done..turn {
                    take(&mut room, round, &self.outcome, next);
                }
                done = done.max(turn);
                let (open, rep) = asked[*at as usize];
                let group = &self.held.needs.groups[self.held.open[open] as usize];
                fits[*at as usize] = room.fits(rep, &group.demand);
            }
        }
        fits
    }
}

impl Found {
    fn new(held: &Held, outcome: &Outcome) -> Self {
        let mut kept: Vec<(u32, u16, u32)> = (held.kept.iter().zip(0..))
            .map(|((need, _), at)| (need.customer, need.role, at))
            .collect();
        kept.sort_unstable();
        let mut open: Vec<(u32, u16, u32)> = (held.open.iter().zip(0..))
            .flat_map(|(&group, at)| {
                let members = held
                    .needs
                    .members(&held.needs.groups[group as usize])
                    .iter();
                members.map(move |need| (need.customer, need.role, at))
            })
            .collect();
        open.sort_unstable();
        let mut turns = vec![(u32::MAX, 0); held.open.len()];
        let mut rooms = Vec::with_capacity(outcome.rounds.len());
        for (round, number) in outcome.rounds.iter().zip(0..) {
            rooms.push(checkpoints(round, outcome));
            for at in 0..round.open.len() {
                let open = round.open[round.turns.get(at).map_or(at, |&turn| turn as usize)];
                let turn = if round.turns.is_empty() {
                    round.open.len()
                } else {
                    at
                };
                turns[open as usize] = (number, turn as u32);
            }
        }
        Self {
            kept,
            open,
            turns,
            tariffs: outcome.rounds.iter().map(|_| OnceLock::new()).collect(),
            rooms,
        }
    }
}

fn checkpoints(round: &Round, outcome: &Outcome) -> Vec<Room> {
    let mut room = Room::new(&round.problem);
    let mut rooms = vec![room.clone()];
    for at in 0..round.open.len() {
        take(&mut room, round, outcome, at);
        if (at + 1).is_multiple_of(EVERY) {
            rooms.push(room.clone());
        }
    }
    rooms
}

/// Replays one turn of a round.
fn take(room: &mut Room, round: &Round, outcome: &Outcome, at: usize) {
    let demand = round.turns.get(at).map_or(at, |&turn| turn as usize);
    if let Some(rep) = outcome.rep_of[round.open[demand] as usize] {
        room.take(rep, &round.problem.demands[demand]);
    }
}

fn find(sorted: &[(u32, u16, u32)], customer: u32, role: u16) -> Option<u32> {
    let at = sorted.partition_point(|&(c, r, _)| (c, r) < (customer, role));
    sorted
        .get(at)
        .filter(|&&(c, r, _)| (c, r) == (customer, role))
        .map(|&(_, _, at)| at)
}

/// Two plans are equal where they decide the same.
impl PartialEq for MadeFrom {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl std::fmt::Debug for MadeFrom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() {
            "MadeFrom(…)"
        } else {
            "MadeFrom"
        })
    }
}
