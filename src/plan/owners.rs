//! Which present owners stay, and why the others do not.

use crate::allocation::{Stop, Watch};
use crate::language::Hook;
use crate::model::RoleIx;
use crate::policy::answer::Verdict;

use super::demands::{Group, Need, Needs, Only};
use super::options::Stage;
use super::pairs::{Out, Pairs};
use super::run::{ProblemAt, Run, Scene};

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
    pin(&run.scene, &mut needs);
    let mut released = no_longer_needed(&run.scene, &needs);
    let mut kept: Vec<(Need, u32)> = (needs.frozen.iter())
        .filter_map(|frozen| Some((frozen.need, owner(&run.scene, &frozen.need)?)))
        .collect();
    let keeps: Vec<bool> = (run.scene.book().schema().roles().iter())
        .map(|role| run.scene.allocating(&role.id).keep_owners)
        .collect();
    let mut open = Vec::new();
    let mut failures = Vec::new();
    let mut done = 0;

    let pairs = Pairs::new(&run.scene, run.control.meter().clone());
    let mut call = pairs.call();
    for index in 0..needs.groups.len() {
        let group = &needs.groups[index];
        let members = needs.members(group);
        let keep = keeps[group.demand.role as usize];
        let mut present = owners_of(&run.scene, members);
        let mut out = Vec::new();
        let mut stays = None;
        if keep {
            for (rep, _) in &present {
                match may_stay(&pairs, group, members, *rep, &mut call, &mut failures)? {
                    None => {
                        stays = Some(*rep);
                        break;
                    }
                    Some(why) => out.push((*rep, why)),
                }
            }
        }
        let group = &mut needs.groups[index];
        if let Some(rep) = stays {
            present.retain(|(other, _)| *other != rep);
            for need in &needs.needs[group.first as usize..(group.first + group.count) as usize] {
                match owner(&run.scene, need) {
                    Some(owner) if owner == rep => kept.push((*need, rep)),
                    Some(owner) => {
                        let why = (out.iter().find(|(other, _)| *other == owner))
                            .map_or(Out::Family(rep), |(_, why)| why.clone());
                        released.push(ended(need, owner, why));
                    }
                    None => {}
                }
            }
            split_off(&run.scene, &mut needs, index, rep);
        } else if keep {
            for need in needs.members(&needs.groups[index]) {
                if let Some(owner) = owner(&run.scene, need)
                    && let Some((_, why)) = out.iter().find(|(other, _)| *other == owner)
                {
                    released.push(ended(need, owner, why.clone()));
                }
            }
        } else {
            group.demand.present = present.first().map(|(rep, _)| *rep);
        }
        if needs.groups[index].count > 0 {
            open.push(index as u32);
        }
        done += 1;
        if done % 1024 == 0 {
            run.control.look()?;
        }
    }
    drop(call);
    drop(pairs);
    for (at, failure) in failures {
        run.problems.entry(at).or_insert(failure);
    }
    run.control.tick(done)?;
    Ok(Held {
        needs,
        kept,
        released,
        open,
    })
}

/// The position of the present owner.
pub(crate) fn owner(scene: &Scene, need: &Need) -> Option<u32> {
    let owner = scene
        .book()
        .owner(scene.row(need.customer), RoleIx(need.role))?;
    Some(scene.rep_at[owner.rep as usize])
}

/// Demands that a pin leaves to one rep. They come before all others.
fn pin(scene: &Scene, needs: &mut Needs) {
    let (any, _) = scene.book().has_pins_or_exclusions();
    if !any {
        return;
    }
    for group in &mut needs.groups {
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
    }
}

/// Above every priority that a hook may answer.
pub(crate) const PINNED_PRIORITY: i64 = 2_000_000_000_000_000_000;

/// Owners in roles that the customer does not need any more.
fn no_longer_needed(scene: &Scene, needs: &Needs) -> Vec<Ended> {
    let mut needed: Vec<(u32, u16)> = (needs.needs.iter())
        .chain(needs.frozen.iter().map(|frozen| &frozen.need))
        .map(|need| (need.customer, need.role))
        .collect();
    needed.sort_unstable();
    let roles = scene.book().schema().roles().len() as u16;
    let mut ended = Vec::new();
    for customer in 0..scene.customers.len() as u32 {
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
    }
    ended
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

/// What keeps the owner from staying with all members; a failing hook does not.
fn may_stay(
    pairs: &Pairs<'_>,
    group: &Group,
    members: &[Need],
    rep: u32,
    call: &mut crate::policy::Call<'_>,
    failures: &mut Vec<(ProblemAt, (Option<u32>, crate::policy::HookError))>,
) -> Result<Option<Out>, Stop> {
    if let Some(out) = members.iter().find_map(|need| pairs.barred(need, rep)) {
        return Ok(Some(out));
    }
    match group.only {
        Some(Only::Pinned(only)) if only == rep => return Ok(None),
        Some(Only::Pinned(only)) => return Ok(Some(Out::Pinned(only))),
        Some(Only::Contradiction) => return Ok(Some(Out::PinsContradict)),
        _ => {}
    }
    for need in members {
        match pairs.eligible(need, rep, call)? {
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
                failures.push((at, (Some(rep), error)));
            }
        }
    }
    Ok(None)
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

fn ended(need: &Need, rep: u32, why: Out) -> Ended {
    Ended {
        customer: need.customer,
        role: need.role,
        rep,
        why: Ending::Out(why),
    }
}
