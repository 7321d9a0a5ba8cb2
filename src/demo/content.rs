//! What stands in the cells of the demo's tables: each row follows from its table's name and its number alone.

use std::collections::BTreeMap;

use rusqlite::types::Value;

use super::blueprint::{Column, KeyKind, Kind, Phrase, Table};
use super::dice::Dice;
use super::words;

/// 2024-09-01 00:00 UTC, the first school day.
pub(super) const START_SECONDS: i64 = 1_725_148_800;
/// About two school years.
const SPAN_SECONDS: i64 = 650 * 86_400;

/// Makes the rows of one table in order.
pub(super) struct Rows<'a> {
    table: &'a Table,
    sizes: &'a BTreeMap<&'static str, u32>,
    dice: Dice,
    /// Columns whose values must differ from row to row.
    distinct: Vec<&'a str>,
    /// Foreign keys that must differ in combination, with the number of rows of their parents.
    paired: Vec<(&'a str, u32)>,
    next: u32,
}

impl<'a> Rows<'a> {
    /// Prepares the rows of `table`; `sizes` are the numbers of rows of all tables.
    pub(super) fn new(table: &'a Table, sizes: &'a BTreeMap<&'static str, u32>) -> Self {
        let mut distinct: Vec<&str> = table.columns.iter().filter(|column| column.unique).map(|column| column.name.as_str()).collect();
        let mut together: Vec<&str> = distinct.clone();
        for key in table.keys.iter().filter(|key| key.kind != KeyKind::Index) {
            together.extend(key.columns.iter().map(String::as_str));
            if let [only] = key.columns.as_slice() {
                distinct.push(only);
            }
        }
        let paired = table.columns.iter().filter_map(|column| {
            let Kind::Parent { table, .. } = &column.kind else { return None };
            let rows = sizes.get(table).copied().unwrap_or(1).max(1);
            together.contains(&column.name.as_str()).then_some((column.name.as_str(), rows))
        });
        Self { table, sizes, dice: Dice::of(table.name), distinct, paired: paired.collect(), next: 0 }
    }

    /// The combination of parents that belongs to this row: distinct as long as there are combinations left.
    fn parent_in_pair(&self, column: &str) -> Option<u32> {
        let at = self.paired.iter().position(|(name, _)| *name == column)?;
        let (_, first) = *self.paired.first()?;
        let (_, own) = *self.paired.get(at)?;
        let (turn, round) = (self.next % first, self.next / first);
        Some(1 + if at == 0 { turn } else { turn.wrapping_mul(7).wrapping_add(round) % own })
    }

    fn parent(&mut self, column: &Column, parent: &str) -> Value {
        if let Some(id) = self.parent_in_pair(&column.name) {
            return Value::Integer(id.into());
        }
        let rows = if parent == self.table.name { self.next } else { self.sizes.get(parent).copied().unwrap_or(0) };
        if column.nullable && (rows == 0 || self.dice.one_in(6)) {
            return Value::Null;
        }
        Value::Integer(i64::from(self.dice.below(rows)) + 1)
    }

    fn cell(&mut self, column: &Column) -> Value {
        if let Kind::Parent { table, .. } = column.kind {
            return self.parent(column, table);
        }
        let filled = column.nullable && (column.name == "deleted_at" || self.dice.one_in(5)) && !column.name.ends_with("ated_at");
        if filled && (column.name != "deleted_at" || !self.dice.one_in(12)) {
            return Value::Null;
        }
        let dice = &mut self.dice;
        match &column.kind {
            Kind::Id => Value::Integer(i64::from(self.next) + 1),
            Kind::Parent { .. } => Value::Null,
            Kind::Whole { low, high } => Value::Integer(dice.between(*low, *high)),
            Kind::Flag => Value::Integer(dice.between(0, 1)),
            Kind::Decimal { digits, scale } => {
                let whole = digits.saturating_sub(*scale + 1).max(1);
                let (limit, fraction) = (10_i64.saturating_pow(whole) - 1, 10_i64.saturating_pow(*scale) - 1);
                let width = usize::try_from(*scale).unwrap_or(0);
                // Laravel hands decimals over as text; the column's affinity makes numbers of them.
                Value::Text(format!("{}.{:0width$}", dice.between(0, limit), dice.between(0, fraction)))
            }
            Kind::Float => Value::Real(f64::from(dice.below(100_000)) / 100.0),
            Kind::Date if column.name == "birth_date" => Value::Text(day(START_SECONDS - dice.between(2_300, 6_300) * 86_400)),
            Kind::Date => Value::Text(day(START_SECONDS + dice.between(0, SPAN_SECONDS))),
            Kind::DateTime | Kind::Now => Value::Text(moment(self.second(&column.name))),
            Kind::Time => Value::Text(format!("{:02}:{:02}:00", dice.between(8, 17), 5 * dice.between(0, 11))),
            Kind::Millis | Kind::Moment => {
                let millis = dice.between(0, 999);
                Value::Integer(self.second(&column.name) * 1_000 + millis)
            }
            Kind::Seconds => Value::Integer(self.second(&column.name)),
            Kind::Choice(choices) => Value::Text(dice.pick(choices, true).to_owned()),
            Kind::Limited(_) => Value::Text(format!("{}-{}", dice.pick(words::SLUGS, false), dice.between(1, 999))),
            Kind::Text => Value::Text(sentences(dice)),
            Kind::Json => Value::Text(json(dice)),
            Kind::Blob => Value::Blob(bytes(dice)),
            Kind::Phrase(phrase) => {
                let distinct = self.distinct.contains(&column.name.as_str());
                Value::Text(phrase_text(*phrase, dice, self.next, distinct))
            }
        }
    }

    /// Rows are created one after the other and changed soon after; everything else happens at any time.
    fn second(&mut self, column: &str) -> i64 {
        let created = START_SECONDS + SPAN_SECONDS / i64::from(self.table.rows.max(1)) * i64::from(self.next);
        match column {
            "created_at" => created,
            "updated_at" => created + self.dice.between(0, 86_400),
            _ => START_SECONDS + self.dice.between(0, SPAN_SECONDS),
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Vec<Value>;

    fn next(&mut self) -> Option<Vec<Value>> {
        if self.next == self.table.rows {
            return None;
        }
        let table = self.table;
        let row = table.columns.iter().map(|column| self.cell(column)).collect();
        self.next += 1;
        Some(row)
    }
}

/// `YYYY-MM-DD HH:MM:SS`, as Laravel writes it.
pub(super) fn moment(seconds: i64) -> String {
    let at = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::from_second(seconds).unwrap_or_default());
    format!("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", at.year(), at.month(), at.day(), at.hour(), at.minute(), at.second())
}

fn day(seconds: i64) -> String {
    moment(seconds).chars().take(10).collect()
}

/// One to three sentences.
pub(super) fn sentences(dice: &mut Dice) -> String {
    let mut text = String::new();
    for _ in 0..=dice.below(3) {
        let mut words = (0..6 + dice.below(8)).map(|_| dice.pick(words::WORDS, false));
        text.push_str(words.next().unwrap_or_default());
        for word in words {
            text.push(' ');
            text.push_str(word);
        }
        text.push_str(". ");
    }
    text.trim_end().to_owned()
}

/// A small JSON object.
pub(super) fn json(dice: &mut Dice) -> String {
    let (key, word, flag) = (dice.pick(words::SLUGS, false), dice.pick(words::WORDS, false), dice.one_in(2));
    format!(r#"{{"{key}":"{word}","say":{},"açıq":{flag},"siyahı":[{},{}]}}"#, dice.below(900), dice.below(40), dice.below(40))
}

fn bytes(dice: &mut Dice) -> Vec<u8> {
    (0..8 + dice.below(400)).flat_map(|_| dice.bits().to_le_bytes()).collect()
}

fn phrase_text(phrase: Phrase, dice: &mut Dice, n: u32, distinct: bool) -> String {
    let text = match phrase {
        Phrase::Word => dice.pick(words::WORDS, false).to_owned(),
        Phrase::Title => format!("{} {}", dice.pick(words::ADJECTIVES, false), dice.pick(words::NOUNS, false)),
        Phrase::Person => format!("{} {}", dice.pick(words::FIRST_NAMES, false), dice.pick(words::LAST_NAMES, false)),
        Phrase::Email => return format!("istifadeci{}@numune.example", if distinct { n + 1 } else { dice.below(418) + 1 }),
        Phrase::Phone => format!("+994 00 {:03} {:04}", dice.below(1_000), dice.below(10_000)),
        Phrase::City => dice.pick(words::CITIES, false).to_owned(),
        Phrase::Address => {
            format!("{}, {} küçəsi {}", dice.pick(words::CITIES, false), dice.pick(words::LAST_NAMES, false), dice.between(1, 99))
        }
        Phrase::School => format!("{} {} nömrəli tam orta məktəb", dice.pick(words::CITIES, false), n + 1),
        Phrase::Section => format!("{}{}", dice.between(1, 11), dice.pick(&["A", "B", "C", "Ç"], true)),
        Phrase::Year => return format!("{}/{}", 2022 + n, 2023 + n),
        Phrase::Subject => return nth(words::SUBJECTS, n),
        Phrase::Role => return nth(words::ROLES, n),
        Phrase::Permission => {
            let deeds = u32::try_from(words::DEEDS.len()).unwrap_or(1);
            return format!("{}.{}", nth(words::RESOURCES, n / deeds), nth(words::DEEDS, n % deeds));
        }
        Phrase::Guard => return "sanctum".to_owned(),
        Phrase::Class => return dice.pick(words::CLASSES, true).to_owned(),
        Phrase::Tag => dice.pick(words::TAGS, false).to_owned(),
        Phrase::Code => return format!("{}{:05}", dice.pick(&["AZ", "MK", "TS", "QR"], false), n + 1),
        Phrase::Slug => format!("{}.{}", dice.pick(words::SLUGS, false), dice.pick(words::SLUGS, false)),
        Phrase::Url => format!("https://sayt{}.numune.example/{}", dice.below(60), dice.pick(words::FILES, false)),
        Phrase::Uuid => return uuid::Builder::from_random_bytes(pair(dice).to_be_bytes()).into_uuid().to_string(),
        Phrase::Token => return format!("{:032x}", pair(dice)),
        Phrase::Path => format!("yaddash/{:04}/{}", dice.below(10_000), dice.pick(words::FILES, false)),
        Phrase::Mime => return dice.pick(words::MIMES, true).to_owned(),
        Phrase::Ip => format!("192.0.2.{}", dice.between(1, 254)),
        Phrase::Agent => return dice.pick(words::AGENTS, true).to_owned(),
        Phrase::Color => format!("#{:06x}", dice.below(0x0100_0000)),
        Phrase::Cron => format!("{} {} * * 1-5", dice.below(60), dice.below(24)),
    };
    if distinct { format!("{text} {}", n + 1) } else { text }
}

fn pair(dice: &mut Dice) -> u128 {
    (u128::from(dice.bits()) << 64) | u128::from(dice.bits())
}

fn nth(list: &[&str], n: u32) -> String {
    usize::try_from(n).ok().and_then(|n| list.get(n)).copied().unwrap_or_default().to_owned()
}
