//! Which present owners stay, and why the others do not.

use crate::allocation::{Stop, Watch};
use crate::language::Hook;
use crate::model::RoleIx;
use crate::policy::Call;
use crate::policy::answer::Verdict;
use crate::steps::{self, STEP};

use super::demands::{Group, Need, Needs, Only};
use super::known;
use super::options::Stage;
use super::pairs::{Out, Pairs};
use super::run::{ProblemAt, Problems, Run, Scene};

/// What is settled before anything is allocated.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) needs: Needs,
    /// Ownership that stays: the need, and the rep by position.
    pub(crate) kept: Vec<(Need, u32)>,
    /// Ownership that ends, whatever comes after it.
    pub(crate) released: Vec<Ended>,
    /// Demands that are to be allocated, by index in [`Needs::groups`].
    pub(crate) open: Vec<u32>,
}

/// Ownership that ends.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    pub(crate) customer: u32,
    pub(crate) role: u16,
    pub(crate) rep: u32,
    pub(crate) why: Ending,
}

/// Why ownership ends.
#[derive(Debug, Clone)]
pub(crate) enum Ending {
    /// The owner cannot stay.
    Out(Out),
    /// The coverage does not name the role any more.
    NotNeeded,
}

/// Looks at every present owner: it stays while active, available, in the role, eligible and
/// needed. In a family the owner of most workload stays if it may have all members; the owners of
/// the rest give way to it.
pub(crate) fn keep_or_release(run: &mut Run<'_>, mut needs: Needs) -> Result<Held, Stop> {
    run.control.enter(Stage::Owners, needs.groups.len())?;
    let looks = run.control.looks();
    let mut look = || looks();
    pin(&run.scene, &mut needs, &mut look)?;
    let keeps: Vec<bool> = (run.scene.book().schema().roles().iter())
        .map(|role| run.scene.allocating(&role.id).keep_owners)
        .collect();
    let pairs = Pairs::new(&run.scene, run.control.meter().clone());
    let mut asking = Asking::new(&pairs, &needs, &keeps)?;
    let mut ended = no_longer_needed(&run.scene, &needs, &mut look)?;
    let frozen = needs.frozen.iter().filter_map(|frozen| {
        Some((frozen.need, owner(&run.scene, &frozen.need)?)) // nothing was decided about it
    });
    let mut kept: Vec<(Need, u32)> = frozen.collect();
    let mut open = Vec::new();
    for index in 0..needs.groups.len() {
        let role = needs.groups[index].demand.role;
        let present = owners_of(&run.scene, needs.members(&needs.groups[index]));
        if !keeps[role as usize] {
            needs.groups[index].demand.present = present.first().map(|(rep, _)| *rep);
        } else if !present.is_empty() {
            let (stays, out) = asking.first_to_stay(&needs, index, &present)?;
            for need in needs.members(&needs.groups[index]) {
                let Some(owner) = owner(&run.scene, need) else {
                    continue;
                };
                if Some(owner) == stays {
                    kept.push((*need, owner));
                } else if let Some((_, why)) = out.iter().find(|(other, _)| *other == owner) {
                    ended.push(Ended::new(need, owner, why.clone()));
                } else if let Some(rep) = stays {
                    ended.push(Ended::new(need, owner, Out::Family(rep)));
                }
            }
            if let Some(rep) = stays {
                split_off(&run.scene, &mut needs, index, rep);
            }
        }
        if needs.groups[index].count > 0 {
            open.push(index as u32);
        }
        if index % STEP == STEP - 1 {
            run.control.look()?;
        }
    }
    let failures = asking.failures;
    drop(pairs);
    for (at, failure) in failures {
        run.problems.entry(at).or_insert(failure);
    }
    run.control.tick(needs.groups.len() as u64)?;
    Ok(Held {
        needs,
        kept,
        released: ended,
        open,
    })
}

/// Owners that may not stay, and why.
type Barred = Vec<(u32, Out)>;

/// Asks who may stay.
struct Asking<'p> {
    pairs: &'p Pairs<'p>,
    call: Call<'p>,
    /// By need: whether its present owner is surely eligible.
    sure: Vec<bool>,
    failures: Problems,
}

impl<'p> Asking<'p> {
    fn new(pairs: &'p Pairs<'p>, needs: &Needs, keeps: &[bool]) -> Result<Self, Stop> {
        let mut look = || pairs.look();
        let (mut places, mut owned) = (Vec::new(), Vec::<known::Pair>::new());
        steps::each(needs.needs.iter().enumerate(), &mut look, |(at, need)| {
            if keeps[need.role as usize]
                && let Some(owner) = owner(pairs.scene(), need)
            {
                places.push(at);
                owned.push((*need, owner));
            }
        })?;
        let mut sure = vec![false; needs.needs.len()];
        for (at, yes) in (places.into_iter()).zip(known::surely_eligible(pairs, &owned)?) {
            sure[at] = yes;
        }
        Ok(Self {
            pairs,
            call: pairs.call(),
            sure,
            failures: Problems::new(),
        })
    }

    /// The first of the present owners that may stay with all members, and why those before it
    /// may not.
    fn first_to_stay(
        &mut self,
        needs: &Needs,
        index: usize,
        present: &[(u32, i64)],
    ) -> Result<(Option<u32>, Barred), Stop> {
        let mut out = Vec::new();
        for &(rep, _) in present {
            match self.what_bars(needs, &needs.groups[index], rep)? {
                None => return Ok((Some(rep), out)),
                Some(why) => out.push((rep, why)),
            }
        }
        Ok((None, out))
    }

    /// What keeps the owner from staying with all members; a failing hook does not.
    fn what_bars(&mut self, needs: &Needs, group: &Group, rep: u32) -> Result<Option<Out>, Stop> {
        let members = needs.members(group);
        if let Some(out) = members.iter().find_map(|need| self.pairs.barred(need, rep)) {
            return Ok(Some(out));
        }
        match group.only {
            Some(Only::Pinned(only)) if only == rep => return Ok(None),
            Some(Only::Pinned(only)) => return Ok(Some(Out::Pinned(only))),
            Some(Only::Contradiction) => return Ok(Some(Out::PinsContradict)),
            _ => {}
        }
        for (need, at) in members.iter().zip(group.first as usize..) {
            if self.sure[at] && owner(self.pairs.scene(), need) == Some(rep) {
                continue;
            }
            match self.pairs.eligible(need, rep, &mut self.call)? {
                Ok(Verdict::Yes) => {}
                Ok(Verdict::No) => return Ok(Some(Out::Ineligible(None))),
                Ok(Verdict::Because(why)) => return Ok(Some(Out::Ineligible(Some(why)))),
                Err(error) => {
                    let at = ProblemAt {
                        customer: Some(need.customer),
                        rep: None,
                        role: Some(need.role),
                        hook: Hook::Eligible,
                    };
                    self.failures.entry(at).or_insert((Some(rep), error));
                }
            }
        }
        Ok(None)
    }
}

impl Ended {
    const fn new(need: &Need, rep: u32, why: Out) -> Self {
        Self {
            customer: need.customer,
            role: need.role,
            rep,
            why: Ending::Out(why),
        }
    }
}

/// The position of the present owner.
pub(crate) fn owner(scene: &Scene, need: &Need) -> Option<u32> {
    let owner = scene
        .book()
        .owner(scene.row(need.customer), RoleIx(need.role))?;
    Some(scene.rep_at[owner.rep as usize])
}

/// Demands that a pin leaves to one rep. They come before all others.
///
/// # Errors
/// What `look` says.
pub(super) fn pin(
    scene: &Scene,
    needs: &mut Needs,
    look: &mut dyn FnMut() -> Result<(), Stop>,
) -> Result<(), Stop> {
    let (any, _) = scene.book().has_pins_or_exclusions();
    if !any {
        return Ok(());
    }
    steps::each(&mut needs.groups, look, |group| {
        for need in &needs.needs[group.first as usize..(group.first + group.count) as usize] {
            let row = scene.row(need.customer);
            let Some(rep) = scene.book().pin(row, RoleIx(need.role)) else {
                continue;
            };
            let rep = scene.rep_at[rep as usize];
            group.only = match group.only {
                None | Some(Only::Family(_)) => Some(Only::Pinned(rep)),
                Some(Only::Pinned(other)) if other == rep => Some(Only::Pinned(rep)),
                _ => Some(Only::Contradiction),
            };
        }
        if matches!(group.only, Some(Only::Pinned(_))) {
            group.demand.priority = PINNED_PRIORITY;
        }
    })
}

/// Above every priority that a hook may answer.
pub(crate) const PINNED_PRIORITY: i64 = crate::allocation::Demand::DECIDED;

/// Owners in roles that the customer does not need any more.
fn no_longer_needed(
    scene: &Scene,
    needs: &Needs,
    look: &mut dyn FnMut() -> Result<(), Stop>,
) -> Result<Vec<Ended>, Stop> {
    let needed = (needs.needs.iter())
        .chain(needs.frozen.iter().map(|frozen| &frozen.need))
        .map(|need| (need.customer, need.role));
    let mut needed: Vec<(u32, u16)> = steps::all(needed, look)?;
    steps::sort_by_key(&mut needed, look, |need| *need)?;
    let roles = scene.book().schema().roles().len() as u16;
    let mut ended = Vec::new();
    steps::each(0..scene.customers.len() as u32, look, |customer| {
        for role in 0..roles {
            let Some(owner) = scene.book().owner(scene.row(customer), RoleIx(role)) else {
                continue;
            };
            if needed.binary_search(&(customer, role)).is_err() {
                let rep = scene.rep_at[owner.rep as usize];
                ended.push(Ended {
                    customer,
                    role,
                    rep,
                    why: Ending::NotNeeded,
                });
            }
        }
    })?;
    Ok(ended)
}

/// The present owners of a demand, each with its workload: the most workload first, then by id.
fn owners_of(scene: &Scene, members: &[Need]) -> Vec<(u32, i64)> {
    let mut owners: Vec<(u32, i64)> = Vec::new();
    for need in members {
        let Some(rep) = owner(scene, need) else {
            continue;
        };
        match owners.iter_mut().find(|(other, _)| *other == rep) {
            Some((_, sum)) => *sum = sum.saturating_add(need.workload),
            None => owners.push((rep, need.workload)),
        }
    }
    owners.sort_by_key(|&(rep, workload)| (std::cmp::Reverse(workload), rep));
    owners
}

/// Leaves in a demand only the members that `rep` does not own yet; they must join it there.
fn split_off(scene: &Scene, needs: &mut Needs, index: usize, rep: u32) {
    let group = &mut needs.groups[index];
    let range = group.first as usize..(group.first + group.count) as usize;
    let members = &mut needs.needs[range];
    members.sort_by_key(|need| (owner(scene, need) == Some(rep), need.customer));
    let rest = members
        .iter()
        .take_while(|need| owner(scene, need) != Some(rep))
        .count();
    group.count = rest as u32;
    if rest == 0 {
        return;
    }
    if group.only.is_none() {
        group.only = Some(Only::Family(rep));
    }
    let members = &members[..rest];
    group.demand.customers = rest as u32;
    group.demand.workload = members
        .iter()
        .fold(0_i64, |sum, need| sum.saturating_add(need.workload));
}
