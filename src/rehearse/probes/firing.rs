//! Triggers: the same statements fire each of them on both sides, and leave the same rows or are refused alike.
//!
//! Comes last: what was not translated is dropped from the scratch copy, so that both sides have the same triggers.

use std::collections::{BTreeMap, BTreeSet};

use super::behaviour::{Behaviour, Class};
use super::deeds::{Done, Series, Watched};
use super::left_rows::Mask;
use super::series;
use super::sides::Sides;
use super::varying::Varying;
use crate::catalog::{Trigger, quoted};
use crate::dialect::{Effects, FiredBy, effects};
use crate::error::Result;
use crate::mapping::counted;
use crate::sqlite::Fired;
use crate::value::Value;

/// Up to how many rows of a table are compared after each statement.
const ROWS_COMPARED: i64 = 20_000;

/// A trigger that both sides have.
#[derive(Debug)]
pub(super) struct Shared<'a> {
    pub(super) trigger: &'a Trigger,
    pub(super) effects: Effects,
}

/// What was found of the triggers of one table and event.
#[derive(Debug, Default)]
struct Found {
    /// The numbers of those that fired in a statement that tells something.
    fired: BTreeSet<i64>,
    /// Why SQLite refused the last statement that fired one and tells nothing.
    refused: Option<Behaviour>,
    differs: bool,
}

/// Fires every trigger that the target has.
pub(super) async fn probe(sides: &mut Sides<'_>) -> Result<()> {
    let (present, absent): (Vec<&Trigger>, Vec<&Trigger>) =
        sides.found.catalog.triggers.iter().partition(|trigger| sides.present.has(&format!("trigger:{}", trigger.name)));
    if present.is_empty() {
        return Ok(());
    }
    sides.scratch.drop_triggers(absent.iter().map(|trigger| trigger.name.as_str()))?;
    let shared: Vec<Shared<'_>> =
        present.into_iter().filter_map(|trigger| effects(trigger).map(|effects| Shared { trigger, effects })).collect();
    let fired = sides.scratch.watch()?;
    let mut groups: BTreeMap<(String, FiredBy), Vec<usize>> = BTreeMap::new();
    for (number, shared) in shared.iter().enumerate() {
        let companion = shared.effects.beside(&format!("outgrow fired {number}"), &Fired::body(number));
        if sides.scratch.add_companion(&companion) {
            groups.entry((shared.trigger.table.to_ascii_lowercase(), shared.effects.fired_by)).or_default().push(number);
        } else {
            sides.not_probed(&format!("trigger {}", shared.trigger.name), "whether it fires can't be watched in SQLite");
        }
    }
    let varying = Varying::of(sides, &shared);
    for numbers in groups.values() {
        let group = Group { numbers, shared: &shared, fired: &fired, varying: &varying };
        group.probe(sides).await?;
    }
    Ok(())
}

/// The triggers of one table and event.
struct Group<'g, 'a> {
    numbers: &'g [usize],
    shared: &'g [Shared<'a>],
    fired: &'g Fired,
    varying: &'g Varying,
}

impl<'a> Group<'_, 'a> {
    fn own(&self) -> impl Iterator<Item = &Shared<'a>> {
        self.numbers.iter().filter_map(|number| self.shared.get(*number))
    }

    /// Fires them with one statement after the other, until all have fired and the ordinary ones are through.
    async fn probe(&self, sides: &mut Sides<'a>) -> Result<()> {
        let Some(first) = self.own().next() else { return Ok(()) };
        let (event, table) = (first.effects.fired_by, first.trigger.table.clone());
        let involved = self.involved(&table);
        let single_row = self.own().any(|own| sides.why.single_row_triggers.iter().any(|single| single.trigger == own.trigger.name));
        let mut watched = Vec::new();
        for name in &involved {
            watched.extend(self.watch(sides, name)?);
        }
        let texts: Vec<&str> = self.own().map(|own| own.trigger.sql.as_str()).collect();
        let made = match series::made(sides, &table, event, &texts, single_row)? {
            Ok(made) => made,
            Err(why) => {
                self.own().for_each(|own| sides.report.not_probed.push(format!("trigger {}: {why}", own.trigger.name)));
                return Ok(());
            }
        };
        let mut found = Found::default();
        for (series, extra) in &made {
            // Those with the literals of a trigger's text are for triggers that nothing else fires.
            let all = self.numbers.iter().all(|number| i64::try_from(*number).is_ok_and(|number| found.fired.contains(&number)));
            if *extra && all {
                break;
            }
            self.fire(sides, series, &watched, &involved, &mut found).await?;
            if found.differs {
                break;
            }
        }
        self.conclude(sides, &found);
        Ok(())
    }

    async fn fire(
        &self,
        sides: &mut Sides<'a>,
        series: &Series<'a>,
        watched: &[Watched<'a>],
        involved: &BTreeSet<String>,
        found: &mut Found,
    ) -> Result<()> {
        self.fired.take();
        let source = match tokio::task::block_in_place(|| sides.fire_on_source(series, watched)) {
            Ok(source) => source,
            Err(error) => {
                sides.not_probed(&self.label(), &format!("SQLite did not end: {}", error.detail()));
                return Ok(());
            }
        };
        let numbers: Vec<i64> = self.numbers.iter().filter_map(|number| i64::try_from(*number).ok()).collect();
        let hits: Vec<i64> = self.fired.take().into_iter().filter(|number| numbers.contains(number)).collect();
        let target = sides.fire_on_target(series, watched).await?;
        let tells =
            source.behaviour.is_accepted() || source.behaviour.is_refused(&Class::Trigger) || source.behaviour.is_refused(&Class::LeftOut);
        if tells {
            found.fired.extend(&hits);
        } else if !hits.is_empty() {
            found.refused = Some(source.behaviour.clone());
        }
        if target.behaviour.is_refused(&Class::Other(Some("57014".to_owned()))) {
            sides.not_probed(&self.label(), "PostgreSQL did not end within 60 seconds");
        } else if let Some((probe, one, other)) = self.difference(watched, &source, &target) {
            found.differs = true;
            match excuse(sides, involved) {
                Some(why) => sides.not_probed(&probe, &why),
                None => sides.surprise(probe, one, other),
            }
        }
        Ok(())
    }

    /// What differs between the sides, as a surprise says it.
    fn difference(&self, watched: &[Watched<'_>], source: &Done, target: &Done) -> Option<(String, String, String)> {
        if !source.behaviour.agrees(&target.behaviour) {
            return Some((self.label(), source.behaviour.without_key(), target.behaviour.without_key()));
        }
        let mut tables = watched.iter().zip(source.left.iter().zip(&target.left));
        let (watched, (one, other)) = tables.find(|(_, (one, other))| one != other)?;
        let probe = format!("rows of {} after {}", watched.plan.source, self.label());
        let rows = |count| counted(count, "row");
        let seen = if one.count == other.count { "as many rows, and other values in some".to_owned() } else { rows(other.count) };
        Some((probe, rows(one.count), seen))
    }

    /// `insert into part, which fires counted, tagged`
    fn label(&self) -> String {
        let names: Vec<&str> = self.own().map(|own| own.trigger.name.as_str()).collect();
        let first = self.own().next();
        let table = first.map(|own| own.trigger.table.as_str()).unwrap_or_default();
        let what = match first.map(|own| own.effects.fired_by) {
            Some(FiredBy::Insert) | None => "insert into",
            Some(FiredBy::Update) => "update of",
            Some(FiredBy::Delete) => "delete from",
        };
        format!("{what} {table}, which fires {}", names.join(", "))
    }

    fn conclude(&self, sides: &mut Sides<'_>, found: &Found) {
        for number in self.numbers {
            let Some(own) = self.shared.get(*number) else { continue };
            if i64::try_from(*number).is_ok_and(|number| found.fired.contains(&number)) {
                sides.report.triggers += 1;
            } else if !found.differs {
                let why = match &found.refused {
                    Some(refused) => format!("SQLite takes no statement that fires it ({})", refused.without_key()),
                    None => "no row was found or made up that fires it".to_owned(),
                };
                sides.not_probed(&format!("trigger {}", own.trigger.name), &why);
            }
        }
    }

    /// The table or view, and all that its triggers write, and theirs; in lower case.
    fn involved(&self, table: &str) -> BTreeSet<String> {
        let mut names = BTreeSet::from([table.to_ascii_lowercase()]);
        loop {
            let of = |shared: &&Shared<'_>| names.contains(&shared.trigger.table.to_ascii_lowercase());
            let writes = self.shared.iter().filter(of).flat_map(|shared| &shared.effects.writes);
            let more: BTreeSet<String> = writes.map(|written| written.table.clone()).filter(|name| !names.contains(name)).collect();
            if more.is_empty() {
                return names;
            }
            names.extend(more);
        }
    }

    /// How the rows of a table are compared; none for a view, and for a table of too many rows.
    fn watch(&self, sides: &mut Sides<'a>, name: &str) -> Result<Option<Watched<'a>>> {
        let Some(subject) = sides.subject(name) else { return Ok(None) };
        let mut masks: Vec<Mask> = Vec::new();
        for column in &subject.plan.columns {
            masks.push(if self.varying.has(name, &column.source) { Mask::Class } else { Mask::None });
        }
        let table = quoted(&subject.plan.source);
        let most = subject.identity().and_then(|identity| subject.plan.columns.get(identity));
        let most = most.map_or_else(|| "0".to_owned(), |column| format!("max({})", quoted(&column.source)));
        let asked = sides.ask_source(format!("select count(*), {most} from main.{table}"), Vec::new())?;
        let (count, most) = match asked.first().map(Vec::as_slice) {
            Some([Value::Integer(count), Value::Integer(most)]) => (*count, *most),
            Some([Value::Integer(count), _]) => (*count, 0),
            Some(_) | None => return Ok(None),
        };
        if count > ROWS_COMPARED {
            let what = format!("rows of {} after {}", subject.plan.source, self.label());
            sides.not_probed(&what, &format!("there are more than {ROWS_COMPARED} of them"));
            return Ok(None);
        }
        if let Some(mask) = subject.identity().and_then(|identity| masks.get_mut(identity)) {
            *mask = Mask::Above(most);
        }
        Ok(Some(Watched { plan: subject.plan, masks }))
    }
}

/// What the plan's report says of these tables that explains a difference.
fn excuse(sides: &Sides<'_>, involved: &BTreeSet<String>) -> Option<String> {
    let texts = sides.found.catalog.triggers.iter().filter(|trigger| involved.contains(&trigger.table.to_ascii_lowercase()));
    let texts: Vec<String> = texts.map(|trigger| trigger.sql.to_lowercase()).collect();
    let is_used = |table: &str| {
        let table = table.to_ascii_lowercase();
        involved.contains(&table) || texts.iter().any(|text| super::invent::mentions(text, &table))
    };
    let of_table = |place: &str| is_used(place.split('.').next().unwrap_or(place));
    let why = sides.why;
    let untranslated = why.untranslated.iter().find(|object| object.kind != "trigger" && object.kind != "view" && of_table(&object.name));
    if let Some(object) = untranslated {
        return Some(format!("the {} {} of its tables does not come across", object.kind, object.name));
    }
    let inexact = why.columns.iter().any(|column| !column.inexact.is_empty() && is_used(&column.table));
    if inexact || why.value_maps.iter().any(|column| is_used(&column.table)) {
        return Some("cells of its tables are quarantined, normalised or called otherwise".to_owned());
    }
    if why.conflict_clauses.iter().any(|clause| is_used(&clause.table)) {
        return Some("a table has ON CONFLICT clauses, which PostgreSQL doesn't have".to_owned());
    }
    let refused = sides.plan.steps.iter().find(|step| !sides.present.has(&step.id) && step.id.split(':').nth(1).is_some_and(is_used));
    refused.map(|step| format!("the server refused {}", step.id))
}
