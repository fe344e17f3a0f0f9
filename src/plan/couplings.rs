//! Roles of one customer or family that one rep should have, or different reps: what owners that are
//! settled already mean for the demands that are not.
//!
//! What a strategy gives out together it couples itself, where it knows the settings; here is the
//! rest: owners who stay, and roles that were given out in an earlier round. The settings of any
//! role hold for all the roles that they name, whatever strategy those have. Owners who stay are not
//! parted. Nothing is done where no settings name any roles; else it is a sort of the owners in the
//! roles named, for each round.

use crate::allocation::Stop;
use crate::policy::Allocating;
use crate::steps;

use super::PlanError;
use super::owners::Held;
use super::pairs::Out;
use super::run::Scene;

/// Sets of roles that are coupled.
#[derive(Debug, Default)]
pub(crate) struct Couplings {
    /// The roles, and whether they should have one rep rather than different ones.
    sets: Vec<(Vec<u16>, bool)>,
}

impl Couplings {
    /// What the settings of all roles say.
    pub(crate) fn of(scene: &Scene) -> Result<Self, PlanError> {
        let mut all = Self::default();
        for role in scene.book().schema().roles() {
            for set in Self::within(scene, &scene.allocating(&role.id))?.sets {
                if role.owns_customers && !all.sets.contains(&set) {
                    all.sets.push(set);
                }
            }
        }
        Ok(all)
    }

    /// What the settings of one role say.
    fn within(scene: &Scene, settings: &Allocating) -> Result<Self, PlanError> {
        let [same, different] = settings
            .couplings(scene.book().schema())
            .map_err(PlanError::Settings)?;
        let same = same.into_iter().map(|roles| (roles, true));
        let different = different.into_iter().map(|roles| (roles, false));
        Ok(Self {
            sets: same.chain(different).collect(),
        })
    }

    fn both(&self, one: u16, other: u16) -> impl Iterator<Item = &(Vec<u16>, bool)> {
        (self.sets.iter()).filter(move |(roles, _)| roles.contains(&one) && roles.contains(&other))
    }

    fn name(&self, role: u16) -> bool {
        self.sets.iter().any(|(roles, _)| roles.contains(&role))
    }

    /// What no strategy sees where it gives out two roles together: that they are coupled.
    fn unseen(&self, seen: &Self, one: u16, other: u16) -> bool {
        self.both(one, other).any(|set| !seen.sets.contains(set))
    }
}

/// Roles that are given out together, in the order of the schema: those that are allocated alike,
/// unless they are coupled and their strategy does not see that.
pub(crate) fn rounds(
    scene: &Scene,
    couplings: &Couplings,
) -> Result<Vec<(Vec<u16>, Allocating)>, PlanError> {
    let mut rounds: Vec<(Vec<u16>, Allocating)> = Vec::new();
    for (role, spec) in scene.book().schema().roles().iter().enumerate() {
        if !spec.owns_customers {
            continue;
        }
        let role = role as u16;
        let settings = scene.allocating(&spec.id);
        let seen = match scene.optimal(&spec.id) {
            Some(settings) => Couplings::within(scene, &settings)?,
            None => Couplings::default(),
        };
        let joins = |roles: &[u16]| !roles.iter().any(|&own| couplings.unseen(&seen, own, role));
        match rounds
            .iter_mut()
            .find(|(roles, other)| *other == settings && joins(roles))
        {
            Some((roles, _)) => roles.push(role),
            None => rounds.push((vec![role], settings)),
        }
    }
    Ok(rounds)
}

/// An owner in another role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tie {
    role: u16,
    rep: u32,
    /// Whether the demand must go to the same rep rather than to any other.
    same: bool,
}

/// The owners in other roles that decide who may take a demand; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ties(Vec<Tie>);

impl Ties {
    /// Why the rep cannot take the demand.
    pub(crate) fn bar(&self, rep: u32) -> Option<Out> {
        let tie = self.0.iter().find(|tie| tie.same != (tie.rep == rep))?;
        Some(if tie.same {
            Out::OneRep(tie.role, tie.rep)
        } else {
            Out::OtherRep(tie.role)
        })
    }
}

/// Owners in coupled roles that are settled.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    couplings: Couplings,
    /// Whose, the role, the round (0 for those who stay), and the owner; sorted.
    owners: Vec<(u64, u16, u32, u32)>,
    sorted: bool,
}

impl Settled {
    pub(crate) fn new(couplings: Couplings) -> Self {
        Self {
            couplings,
            owners: Vec::new(),
            sorted: true,
        }
    }

    /// The owners who stay.
    pub(super) fn of_kept(
        scene: &Scene,
        couplings: Couplings,
        held: &Held,
        look: &mut dyn FnMut() -> Result<(), Stop>,
    ) -> Result<Self, Stop> {
        let mut settled = Self::new(couplings);
        steps::each(&held.kept, look, |(need, rep)| {
            settled.add(scene, (need.customer, need.role), 0, *rep);
        })?;
        Ok(settled)
    }

    /// Whether there is nothing to look at.
    pub(super) const fn is_idle(&self) -> bool {
        self.couplings.sets.is_empty()
    }

    /// Adds the owner of a customer, or of its family, from a round on.
    pub(crate) fn add(
        &mut self,
        scene: &Scene,
        (customer, role): (u32, u16),
        round: u32,
        rep: u32,
    ) {
        if self.couplings.name(role) {
            self.owners.push((kin(scene, customer), role, round, rep));
            self.sorted = false;
        }
    }

    /// What the owners of the customer's other roles mean for this one, up to a round.
    pub(crate) fn ties(
        &mut self,
        scene: &Scene,
        (customer, role): (u32, u16),
        through: u32,
    ) -> Option<Box<Ties>> {
        if !self.couplings.name(role) {
            return None;
        }
        if !self.sorted {
            self.owners.sort_unstable();
            self.owners.dedup();
            self.sorted = true;
        }
        let kin = kin(scene, customer);
        let first = self.owners.partition_point(|owner| owner.0 < kin);
        let own = self.owners[first..]
            .iter()
            .take_while(|owner| owner.0 == kin)
            .filter(|&&(_, other, round, _)| other != role && round <= through);
        let mut ties: Vec<Tie> = Vec::new();
        for &(_, other, _, rep) in own {
            for &(_, same) in self.couplings.both(role, other) {
                let tie = Tie {
                    role: other,
                    rep,
                    same,
                };
                if !ties.contains(&tie) {
                    ties.push(tie);
                }
            }
        }
        (!ties.is_empty()).then(|| Box::new(Ties(ties)))
    }
}

/// A number that a customer has in common with its family, and with nobody else.
fn kin(scene: &Scene, customer: u32) -> u64 {
    let family = scene.book().family(scene.row(customer));
    family.map_or(u64::from(customer), |family| 1 << 32 | u64::from(family.0))
}
