//! A made-up team and list, the same ones every time.

use bookwright::{Customer, Exclusion, Ownership, Pin, Records, Rep};

/// id, name, level, roles, regions, industries, languages, capacity, and what keeps it from work.
const TEAM: &str = "
r01 | 王芳          | 4 | manager maintainer   | Shanghai Hangzhou Nanjing | retail food         | zh en |  78 |
r02 | 李强          | 3 | manager              | Beijing Tianjin           | machinery software  | zh    |  45 |
r03 | 张敏          | 2 | maintainer           | Shanghai Nanjing          | retail logistics    | zh    |  66 |
r04 | 刘洋          | 2 | maintainer           | Shenzhen Guangzhou        | software machinery  | zh en |  70 |
r05 | 陈杰          | 1 | maintainer           | Beijing Tianjin           | food retail         | zh    |  50 | away
r06 | Anna Petersen | 3 | manager maintainer   | Hamburg                   | machinery logistics | de en |  64 |
r07 | 杨丽          | 1 | developer            | Shanghai Hangzhou Nanjing | retail              | zh    |  64 |
r08 | 赵磊          | 2 | developer            | Beijing Tianjin           | software logistics  | zh en |  50 | left
r09 | 黄伟          | 1 | developer            | Shenzhen Guangzhou        | machinery food      | zh    |  55 |
r10 | Wei Ling Tan  | 2 | developer maintainer | Singapore                 | retail food         | zh en |  64 |
r11 | 周静          | 1 | developer maintainer | Beijing Tianjin           | software            | zh    |  66 |
r12 | 吴涛          | 5 | list_manager         |                           |                     | zh en |   0 |
";

/// Where customers are, how they call themselves there, and who cares for them there today: as
/// developer, as maintainer, as manager.
const MARKETS: [(&str, &str, &str, [&str; 3]); 9] = [
    ("Shanghai", "上海", "zh", ["r07", "r03", "r01"]),
    ("Shanghai", "沪上", "zh", ["r07", "r01", "r01"]),
    ("Beijing", "北京", "zh", ["r08", "r05", "r02"]),
    ("Tianjin", "天津", "zh", ["r08", "r05", "r02"]),
    ("Shenzhen", "深圳", "zh", ["r09", "r04", "r02"]),
    ("Guangzhou", "广州", "zh", ["r09", "r04", "r01"]),
    ("Hangzhou", "杭州", "zh", ["r07", "r01", "r01"]),
    ("Singapore", "Lion City", "en", ["r10", "r10", "r06"]),
    ("Hamburg", "Hamburger", "de", ["r10", "r06", "r06"]),
];

/// An industry, and the names of its companies in Chinese, English and German.
const INDUSTRIES: [(&str, [&str; 3]); 5] = [
    ("retail", ["百货", "Stores", "Handel"]),
    ("machinery", ["精密机械", "Machine Works", "Maschinenbau"]),
    ("software", ["软件", "Systems", "Software"]),
    ("logistics", ["物流", "Freight", "Spedition"]),
    ("food", ["食品", "Foods", "Lebensmittel"]),
];

const HOUSES: [(&str, &str); 10] = [
    ("恒信", "Harbour"),
    ("明德", "Evergreen"),
    ("瑞丰", "Northwind"),
    ("金龙", "Golden Gate"),
    ("东方", "Orient"),
    ("长江", "Riverside"),
    ("天河", "Summit"),
    ("华泰", "Anchor"),
    ("安达", "Swift"),
    ("同创", "Union"),
];

/// A dozen reps in the four roles, three hundred customers, and two wishes that no policy knows.
pub(crate) fn records() -> Records {
    Records {
        customers: customers(),
        reps: TEAM.trim().lines().map(rep).collect(),
        // The owner of c021 went to school with Anna.
        pins: vec![Pin::new("c021", "maintainer", "r06")],
        // c018 has asked not to be called by any of them again.
        exclusions: ["r07", "r09", "r10", "r11"]
            .map(|rep| Exclusion::new("c018", rep).in_role("developer"))
            .to_vec(),
        ..Records::default()
    }
}

fn rep(line: &str) -> Rep {
    let mut cells = line.split('|').map(str::trim);
    let mut cell = || cells.next().unwrap_or_default();
    let tags = |cell: &str| -> Vec<String> { cell.split_whitespace().map(str::to_owned).collect() };
    let rep = Rep::new(cell())
        .name(cell())
        .set("level", cell().parse::<i64>().unwrap_or(1))
        .roles(tags(cell()))
        .set("regions", tags(cell()))
        .set("industries", tags(cell()))
        .set("languages", tags(cell()))
        .set("capacity", cell().parse::<f64>().unwrap_or(0.0));
    match cell() {
        "away" => rep.set("away_until", "2026-04-01"),
        "left" => rep.set("active", false),
        _ => rep,
    }
}

fn customers() -> Vec<Customer> {
    let mut dice = Dice(2026);
    (1..=300)
        .map(|number| customer(number, &mut dice))
        .collect()
}

fn customer(number: u32, dice: &mut Dice) -> Customer {
    let &(region, place, language, owners) = dice.pick(&MARKETS);
    let &(industry, trades) = dice.pick(&INDUSTRIES);
    let &(house, english) = dice.pick(&HOUSES);
    let name = match language {
        "zh" => format!("{place}{house}{}", trades[0]),
        "de" => format!("{english} {} GmbH", trades[2]),
        _ => format!("{place} {english} {}", trades[1]),
    };
    let stage = *dice.pick(&[
        "lead", "lead", "lead", "prospect", "prospect", "active", "active", "active", "active",
        "at_risk", "dormant", "lost",
    ]);
    let bought = !matches!(stage, "lead" | "prospect");
    // Most customers are small, few are large.
    let size = dice.share().powi(3);
    let revenue = 8e3 + size * 4.3e5;
    let potential = revenue * (0.8 + dice.share());
    let intent = hundredths(0.1 + 0.9 * dice.share());

    let mut customer = Customer::new(format!("c{number:03}"))
        .name(name)
        .set("region", region)
        .set("industry", industry)
        .set("stage", stage)
        .set("employees", (size * 2_000.0) as i64 + 3)
        .set("potential", potential.round())
        .set("intent", intent);
    if bought {
        customer = customer
            .set("annual_revenue", revenue.round())
            .set("risk", hundredths(dice.share()))
            .set(
                "last_contact",
                *dice.pick(&["2025-11-20", "2026-01-08", "2026-02-20"]),
            );
    }
    // What it was worth a year ago: the tier of the last plan.
    let then = (if bought { revenue } else { potential * intent }) * (0.75 + 0.5 * dice.share());
    let tier_then = if then >= 3e5 {
        "A"
    } else if then >= 8e4 {
        "B"
    } else {
        "C"
    };
    if stage != "lead" {
        customer = customer.set("current_tier", tier_then);
    }
    if dice.share() < 0.4 {
        customer = match language {
            "zh" => customer.set("tags", ["zh_only"]),
            "de" => customer.set("tags", ["de_only"]),
            _ => customer,
        };
    }
    if number % 40 < 3 && number > 3 {
        customer = customer.set("family", format!("group {}", number / 40)); // head office, branches
    }
    with_owners(customer, tier_then, owners, dice)
}

/// Three in four customers that bought have an owner today, and every other one of the rest.
fn with_owners(
    customer: Customer,
    tier: &str,
    [developer, maintainer, manager]: [&str; 3],
    dice: &mut Dice,
) -> Customer {
    let since = *dice.pick(&["2024-06-03", "2025-02-17", "2025-09-01"]);
    let bought = customer.attributes.contains_key("annual_revenue");
    let lost = customer.attributes.get("stage") == Some(&"lost".into());
    let owned = dice.share();
    if bought && !lost && owned < 0.75 {
        let customer = customer.owner("maintainer", Ownership::new(maintainer).since(since));
        if tier == "A" {
            return customer.owner("manager", Ownership::new(manager).since(since));
        }
        customer
    } else if !bought && owned < 0.5 {
        customer.owner("developer", Ownership::new(developer).since(since))
    } else {
        customer
    }
}

fn hundredths(share: f64) -> f64 {
    (share * 100.0).round() / 100.0
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

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.next() as usize % from.len()]
    }
}
