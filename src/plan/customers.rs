//! What each customer is and needs: tier, segment, coverage, workload, priority.

use std::collections::HashMap;
use std::sync::Arc;

use crate::allocation::{Stop, to_micros};
use crate::language::Hook;
use crate::model::RoleIx;
use crate::policy::answer;
use crate::steps::{self, STEP};
use crate::tiering::{Cut, Row, TierRule, place_watched};

use super::ask;
use super::control::TEXT;
use super::demands::{Frozen, Need, Needs, group};
use super::options::Stage;
use super::run::{Run, Scene};

/// Stages that by default need a `developer` rather than a `maintainer`.
const TO_BE_WON: [&str; 3] = ["lead", "prospect", "lost"];

/// Tiers, then segments; segments first where the tiers are shares of segments.
pub(super) fn tier_and_segment(run: &mut Run<'_>) -> Result<(), Stop> {
    run.control
        .enter(Stage::Tiering, run.scene.customers.len())?;
    if run.scene.compiled().tiers.needs_segments() {
        segment(run)?;
        tier(run)
    } else {
        tier(run)?;
        segment(run)
    }
}

fn tier(run: &mut Run<'_>) -> Result<(), Stop> {
    let policy = run.scene.policy.clone();
    let policy = policy.compiled();
    let names = policy.tiers.names();
    let floor = names.len().saturating_sub(1) as u16;
    run.scene.tiers.fill(floor);
    run.control.look()?;
    match (&policy.hooks.tier, &policy.hooks.value, &policy.tiers) {
        (Some(_), _, _) => tier_by_label(run, &names)?,
        (None, Some(_), TierRule::Cuts(cuts)) => tier_by_value(run, cuts)?,
        _ => {}
    }
    let by_row = by_row(run, &run.scene.tiers)?;
    let looks = run.control.looks();
    let view = run.scene.view.clone();
    run.scene.view = view.with_tiers_watched(&names, &by_row, &mut || looks())?;
    run.control.look()
}

fn tier_by_label(run: &mut Run<'_>, names: &[&str]) -> Result<(), Stop> {
    let Some(hook) = &run.scene.compiled().hooks.tier else {
        return Ok(());
    };
    let (mut failed, mut tiers) = (Vec::new(), run.scene.tiers.clone());
    ask::customers(
        hook,
        &run.scene.view,
        &run.scene.customers,
        None,
        &mut run.control,
        |value| Ok(answer::tier(&value, names)?),
        |at, tier| match tier {
            Ok(tier) => tiers[at] = tier,
            Err(error) => failed.push((at as u32, error)),
        },
    )?;
    run.scene.tiers = tiers;
    for (customer, error) in failed {
        run.failed(Hook::Tier, customer, None, error)?;
    }
    Ok(())
}

fn tier_by_value(run: &mut Run<'_>, cuts: &[Cut]) -> Result<(), Stop> {
    let Some(hook) = &run.scene.compiled().hooks.value else {
        return Ok(());
    };
    let mut failed = Vec::new();
    let mut rows: Vec<Row> = Vec::with_capacity(run.scene.segments.len());
    for (at, &segment) in run.scene.segments.iter().enumerate() {
        if at % STEP == STEP - 1 {
            run.control.look()?;
        }
        let customer = run.scene.view.customer(run.scene.customers[at], None);
        let current = customer.text("current_tier").and_then(|current| {
            cuts.iter()
                .position(|cut| cut.tier == current)
                .map(|tier| tier as u16)
        });
        rows.push(Row {
            value: None,
            current,
            segment,
        });
    }
    ask::customers(
        hook,
        &run.scene.view,
        &run.scene.customers,
        None,
        &mut run.control,
        |value| Ok(answer::number(&value)?),
        |at, value| match value {
            Ok(value) => rows[at].value = Some(value),
            Err(error) => failed.push((at as u32, error)),
        },
    )?;
    for (customer, error) in failed {
        run.failed(Hook::Value, customer, None, error)?;
    }
    run.control.look()?;
    let looks = run.control.looks();
    let placed = place_watched(cuts, &rows, &mut || looks())?;
    let tiers = placed.iter().map(|placed| placed.tier);
    run.scene.tiers = steps::all(tiers, &mut || looks())?;
    let places = placed.into_iter().map(|placed| placed.place);
    run.scene.places = steps::all(places, &mut || looks())?;
    Ok(())
}

fn segment(run: &mut Run<'_>) -> Result<(), Stop> {
    let policy = run.scene.policy.clone();
    let policy = policy.compiled();
    if let Some(hook) = &policy.hooks.segment {
        let mut failed = Vec::new();
        let mut known: HashMap<Arc<str>, u32> = HashMap::new();
        known.insert(Arc::clone(&run.scene.segment_names[0]), 0);
        let mut names = run.scene.segment_names.clone();
        let mut segments = run.scene.segments.clone();
        ask::customers(
            hook,
            &run.scene.view,
            &run.scene.customers,
            None,
            &mut run.control,
            |value| Ok(answer::segment(&value)?),
            |at, segment| match segment {
                Ok(name) => {
                    segments[at] = *known.entry(name).or_insert_with_key(|name| {
                        names.push(Arc::clone(name));
                        names.len() as u32 - 1
                    });
                }
                Err(error) => failed.push((at as u32, error)),
            },
        )?;
        drop(known);
        run.control.look()?;
        (run.scene.segment_names, run.scene.segments) = (names, segments);
        for (customer, error) in failed {
            run.failed(Hook::Segment, customer, None, error)?;
        }
    }
    let names: Vec<&str> = run.scene.segment_names.iter().map(|name| &**name).collect();
    let by_row = by_row(run, &run.scene.segments)?;
    run.control.owe(names.len(), TEXT);
    let looks = run.control.looks();
    let view = run.scene.view.clone();
    run.scene.view = view.with_segments_watched(&names, &by_row, &mut || looks())?;
    run.control.look()
}

/// From order of id to rows.
fn by_row<T: Copy + Into<u32>>(run: &Run<'_>, values: &[T]) -> Result<Vec<u32>, Stop> {
    let mut by_row = vec![0; values.len()];
    let customers = run.scene.customers.iter();
    steps::each(
        customers.zip(values),
        &mut || run.control.look(),
        |(&row, &value)| {
            by_row[row as usize] = value.into();
        },
    )?;
    run.control.look()?;
    Ok(by_row)
}

/// Coverage, and for each role of it workload and priority, put together into demands.
///
/// A need whose hook fails is frozen: its owner stays, or nobody gets it; the plan says so.
pub(super) fn needs(run: &mut Run<'_>) -> Result<Needs, Stop> {
    run.control
        .enter(Stage::Demand, run.scene.customers.len())?;
    let mut frozen = Vec::new();
    let by_role = coverage(run, &mut frozen)?;
    let mut needs = Vec::with_capacity(by_role.iter().map(Vec::len).sum());
    for (role, customers) in by_role.into_iter().enumerate() {
        needs.extend(needs_in_role(run, role as u16, customers, &mut frozen)?);
    }
    let family = |customer: u32| {
        run.scene
            .book()
            .family(run.scene.row(customer))
            .map(|family| family.0)
    };
    group(needs, frozen, family, &|| run.control.look())
}

/// The customers that need each role, by number of the role.
///
/// Where `coverage` fails, the customer needs the roles in which it has an owner today, frozen.
pub(super) fn coverage(run: &mut Run<'_>, frozen: &mut Vec<Frozen>) -> Result<Vec<Vec<u32>>, Stop> {
    let schema = run.scene.book().schema().clone();
    let names: Vec<&str> = schema.roles().iter().map(|role| role.id.as_str()).collect();
    let owning: Vec<bool> = schema
        .roles()
        .iter()
        .map(|role| role.owns_customers)
        .collect();
    let mut by_role: Vec<Vec<u32>> = vec![Vec::new(); names.len()];
    let Some(hook) = &run.scene.compiled().hooks.coverage else {
        let role = |name: &str| names.iter().position(|role| *role == name);
        let (developer, maintainer, manager) =
            (role("developer"), role("maintainer"), role("manager"));
        let tier_a = (run.scene.compiled().tiers.names().iter()).position(|tier| *tier == "A");
        for at in 0..run.scene.customers.len() {
            if at % STEP == STEP - 1 {
                run.control.look()?;
            }
            let customer = run.scene.view.customer(run.scene.customers[at], None);
            let to_be_won = customer
                .text("stage")
                .is_none_or(|stage| TO_BE_WON.contains(&stage));
            let first = if to_be_won { developer } else { maintainer };
            let second = manager.filter(|_| tier_a == Some(run.scene.tiers[at] as usize));
            for role in first.into_iter().chain(second) {
                by_role[role].push(at as u32);
            }
        }
        return Ok(by_role);
    };
    let mut failed = Vec::new();
    ask::customers(
        hook,
        &run.scene.view,
        &run.scene.customers,
        None,
        &mut run.control,
        |value| Ok(answer::roles(&value, &names, &owning)?),
        |at, roles| match roles {
            Ok(roles) => roles
                .iter()
                .for_each(|&role| by_role[role as usize].push(at as u32)),
            Err(error) => failed.push((at as u32, error)),
        },
    )?;
    for (customer, error) in failed {
        run.failed(Hook::Coverage, customer, None, error)?;
        let row = run.scene.row(customer);
        let owned = (0..names.len() as u16)
            .filter(|&role| run.scene.book().owner(row, RoleIx(role)).is_some());
        frozen.extend(owned.map(|role| Frozen {
            need: need(&run.scene, customer, role),
            hook: Hook::Coverage,
        }));
    }
    Ok(by_role)
}

/// A need with the default workload and priority.
fn need(scene: &Scene, customer: u32, role: u16) -> Need {
    let tier = scene.tiers[customer as usize];
    Need {
        customer,
        role,
        tier,
        workload: to_micros(1.0),
        priority: 0,
    }
}

fn needs_in_role(
    run: &mut Run<'_>,
    role: u16,
    customers: Vec<u32>,
    frozen: &mut Vec<Frozen>,
) -> Result<Vec<Need>, Stop> {
    let looks = run.control.looks();
    let needed = (customers.into_iter()).map(|customer| need(&run.scene, customer, role));
    let mut needs: Vec<Need> = steps::all(needed, &mut || looks())?;
    let rows = needs.iter().map(|need| run.scene.row(need.customer));
    let rows: Vec<u32> = steps::all(rows, &mut || looks())?;
    let ix = Some(RoleIx(role));
    let mut failed = Vec::new();
    if let Some(hook) = &run.scene.compiled().hooks.workload {
        ask::customers(
            hook,
            &run.scene.view,
            &rows,
            ix,
            &mut run.control,
            |value| Ok(answer::positive(&value)?),
            |at, workload| match workload {
                Ok(workload) => needs[at].workload = to_micros(workload),
                Err(error) => failed.push((Hook::Workload, at, error)),
            },
        )?;
    }
    if let Some(hook) = &run.scene.compiled().hooks.priority {
        ask::customers(
            hook,
            &run.scene.view,
            &rows,
            ix,
            &mut run.control,
            |value| Ok(answer::number(&value)?),
            |at, priority| match priority {
                Ok(priority) => needs[at].priority = to_micros(priority),
                Err(error) => failed.push((Hook::Priority, at, error)),
            },
        )?;
    }
    let mut answered = vec![true; needs.len()];
    for (hook, at, error) in failed {
        let customer = needs[at].customer;
        if std::mem::replace(&mut answered[at], false) {
            frozen.push(Frozen {
                need: need(&run.scene, customer, role),
                hook,
            });
        }
        run.failed(hook, customer, Some(role), error)?;
    }
    let mut answered = answered.into_iter();
    needs.retain(|_| answered.next().unwrap_or(true));
    Ok(needs)
}
