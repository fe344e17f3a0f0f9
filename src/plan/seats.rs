//! Which reps may take customers at all, role by role, before any customer is looked at.

use super::pairs::Out;
use super::run::Scene;

/// The reps that are in each role, active and available.
#[derive(Debug)]
pub(crate) struct Seats {
    /// By role: their positions, rising.
    of: Vec<Vec<u32>>,
    /// By role and position: whether the rep is among them.
    seated: Vec<Vec<bool>>,
}

impl Seats {
    pub(super) fn new(scene: &Scene) -> Self {
        let roles = 0..scene.book().schema().roles().len() as u16;
        let reps = 0..scene.reps.len() as u32;
        let free = |role| move |&rep: &u32| unavailable(scene, rep, role).is_none();
        let of: Vec<Vec<u32>> = roles
            .map(|role| reps.clone().filter(free(role)).collect())
            .collect();
        let seated = of.iter().map(|seats| {
            let mut seated = vec![false; scene.reps.len()];
            seats.iter().for_each(|&rep| seated[rep as usize] = true);
            seated
        });
        Self {
            seated: seated.collect(),
            of,
        }
    }

    pub(super) fn of(&self, role: u16) -> &[u32] {
        &self.of[role as usize]
    }

    pub(super) fn has(&self, role: u16, rep: u32) -> bool {
        self.seated[role as usize][rep as usize]
    }
}

/// Why the rep takes nobody in the role at all.
pub(super) fn unavailable(scene: &Scene, rep: u32, role: u16) -> Option<Out> {
    let now = scene.view.now();
    let rep = scene.view.rep(scene.reps[rep as usize], None);
    if !rep.has("roles", scene.role_id(role)) {
        return Some(Out::NotInRole);
    }
    if rep.bool("active") == Some(false) {
        return Some(Out::Inactive);
    }
    if let Some(from) = rep.time("available_from").filter(|from| *from > now) {
        return Some(Out::NotYet(from));
    }
    rep.time("away_until")
        .filter(|until| *until > now)
        .map(Out::Away)
}
