//! A made-up team and list, the same ones every time.

use bookwright::{Book, Customer, Ownership, Records, Rep, Side};

const REGIONS: [&str; 9] = [
    "Shanghai",
    "Beijing",
    "Shenzhen",
    "Hangzhou",
    "Guangzhou",
    "Nanjing",
    "Tianjin",
    "Singapore",
    "Hamburg",
];
const INDUSTRIES: [&str; 5] = ["retail", "machinery", "software", "logistics", "food"];
const FIRST: [&str; 12] = [
    "华东",
    "长江",
    "金龙",
    "东方",
    "恒信",
    "明德",
    "Northwind",
    "Baltic",
    "Lion City",
    "瑞丰",
    "天河",
    "Harbour",
];
const LAST: [&str; 8] = [
    "贸易", "科技", "物流", "机械", "食品", "Trading", "Works", "Foods",
];

/// A dozen reps in the four roles, and three hundred customers.
pub(crate) fn records() -> Records {
    Records {
        customers: customers(),
        reps: reps(),
        ..Records::default()
    }
}

/// The tier that the book says the customer had.
pub(crate) fn tier_before(book: &Book, customer: &str) -> Option<String> {
    let row = book.customer_row(customer)?;
    let field = book.schema().field(Side::Customer, "current_tier")?;
    let column = book.column(Side::Customer, field)?;
    match column.cell(row) {
        bookwright::Stored::Text(symbol) => Some(book.symbols().text(symbol).to_owned()),
        _ => None,
    }
}

fn reps() -> Vec<Rep> {
    #[expect(clippy::type_complexity, reason = "one row per rep reads best")]
    let team: [(&str, &str, i64, &[&str], &[&str], &[&str], &[&str], f64); 12] = [
        (
            "r01",
            "王芳",
            4,
            &["manager", "maintainer"],
            &["Shanghai", "Hangzhou"],
            &["retail", "food"],
            &["zh", "en"],
            90.0,
        ),
        (
            "r02",
            "李强",
            3,
            &["manager"],
            &["Beijing", "Tianjin"],
            &["machinery"],
            &["zh"],
            70.0,
        ),
        (
            "r03",
            "张敏",
            2,
            &["maintainer"],
            &["Shanghai", "Nanjing"],
            &["retail", "logistics"],
            &["zh"],
            60.0,
        ),
        (
            "r04",
            "刘洋",
            2,
            &["maintainer"],
            &["Shenzhen", "Guangzhou"],
            &["software", "machinery"],
            &["zh", "en"],
            60.0,
        ),
        (
            "r05",
            "陈杰",
            1,
            &["maintainer"],
            &["Beijing", "Tianjin"],
            &["food", "retail"],
            &["zh"],
            50.0,
        ),
        (
            "r06",
            "Anna Petersen",
            3,
            &["maintainer", "manager"],
            &["Hamburg"],
            &["machinery", "logistics"],
            &["de", "en"],
            60.0,
        ),
        (
            "r07",
            "杨丽",
            1,
            &["developer"],
            &["Shanghai", "Hangzhou", "Nanjing"],
            &["retail"],
            &["zh"],
            40.0,
        ),
        (
            "r08",
            "赵磊",
            2,
            &["developer"],
            &["Beijing", "Tianjin"],
            &["software", "logistics"],
            &["zh", "en"],
            40.0,
        ),
        (
            "r09",
            "黄伟",
            1,
            &["developer"],
            &["Shenzhen", "Guangzhou"],
            &["machinery", "food"],
            &["zh"],
            40.0,
        ),
        (
            "r10",
            "Wei Ling Tan",
            2,
            &["developer", "maintainer"],
            &["Singapore"],
            &["retail", "food"],
            &["zh", "en"],
            50.0,
        ),
        (
            "r11",
            "周静",
            1,
            &["developer"],
            &["Shanghai", "Beijing"],
            &["software"],
            &["zh"],
            40.0,
        ),
        (
            "r12",
            "吴涛",
            5,
            &["list_manager"],
            &[],
            &[],
            &["zh", "en"],
            0.0,
        ),
    ];
    (team.into_iter())
        .map(
            |(id, name, level, roles, regions, industries, languages, capacity)| {
                let rep = Rep::new(id)
                    .name(name)
                    .roles(roles.iter().copied())
                    .set("level", level)
                    .set(
                        "regions",
                        regions.iter().map(ToString::to_string).collect::<Vec<_>>(),
                    )
                    .set(
                        "industries",
                        industries
                            .iter()
                            .map(ToString::to_string)
                            .collect::<Vec<_>>(),
                    )
                    .set(
                        "languages",
                        languages
                            .iter()
                            .map(ToString::to_string)
                            .collect::<Vec<_>>(),
                    )
                    .set("capacity", capacity);
                match id {
                    "r05" => rep.set("away_until", "2026-04-01"), // on leave
                    "r08" => rep.set("active", false),            // has left
                    _ => rep,
                }
            },
        )
        .collect()
}

fn customers() -> Vec<Customer> {
    let mut dice = Dice(2026);
    (1..=300)
        .map(|number| {
            let region = dice.pick(&REGIONS);
            let stage = dice.pick(&[
                "lead", "lead", "prospect", "active", "active", "active", "at_risk", "dormant",
                "lost",
            ]);
            let size = dice.share().powi(3);
            let name = format!("{}{} {number}", dice.pick(&FIRST), dice.pick(&LAST));
            let mut customer = Customer::new(format!("c{number:03}"))
                .name(name)
                .set("region", region)
                .set("industry", dice.pick(&INDUSTRIES))
                .set("stage", stage)
                .set("employees", (size * 4_000.0) as i64 + 3)
                .set("potential", (size * 1.6e6).round())
                .set("intent", (dice.share() * 100.0).round() / 100.0);
            if !matches!(stage, "lead" | "prospect") {
                customer = customer
                    .set("annual_revenue", (size * 9e5).round())
                    .set("risk", (dice.share() * 100.0).round() / 100.0)
                    .set(
                        "last_contact",
                        dice.pick(&["2025-11-20", "2026-01-08", "2026-02-20"]),
                    )
                    .set("current_tier", dice.pick(&["A", "B", "C", "C"]));
            }
            if number % 25 < 3 {
                // head office and branches
                customer = customer.set("family", format!("group {}", number / 25));
            }
            let chinese = !matches!(region, "Singapore" | "Hamburg") && dice.share() < 0.5;
            if chinese {
                customer = customer.set("tags", ["chinese_only"]);
            }
            present_owner(customer, region, stage, &mut dice)
        })
        .collect()
}

/// Half of the customers have an owner today.
fn present_owner(customer: Customer, region: &str, stage: &str, dice: &mut Dice) -> Customer {
    if dice.share() < 0.5 {
        return customer;
    }
    let rep = match (stage, region) {
        ("lead" | "prospect" | "lost", "Beijing" | "Tianjin") => "r08",
        ("lead" | "prospect" | "lost", "Shenzhen" | "Guangzhou") => "r09",
        ("lead" | "prospect" | "lost", _) => "r07",
        (_, "Beijing" | "Tianjin") => "r05",
        (_, "Shenzhen" | "Guangzhou") => "r04",
        (_, "Hamburg" | "Singapore") => "r06",
        _ => "r03",
    };
    let role = if matches!(stage, "lead" | "prospect" | "lost") {
        "developer"
    } else {
        "maintainer"
    };
    customer.owner(role, Ownership::new(rep).since("2025-09-01"))
}

/// A linear congruential generator: no more than a way to make a list that looks real.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn share(&mut self) -> f64 {
        self.next() as f64 / (1_u64 << 31) as f64
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.next() as usize % from.len()]
    }
}
