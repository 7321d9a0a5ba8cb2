//! What stands in the cells of the data sets: drawn from pools, so that making them is quick and they vary all the same.

use rusqlite::types::Value;

use super::dice::Dice;

const WORDS: &[&str] = &[
    "amber", "basket", "candle", "delivery", "engine", "fabric", "garden", "harbour", "island", "journal", "kettle", "ladder", "market",
    "needle", "orchard", "pepper", "quarter", "ribbon", "signal", "timber", "umbrella", "velvet", "window", "yellow", "zenith", "account",
    "balance", "receipt", "ticket", "voucher",
];
/// What trips those who take a text for ASCII, or for something that needs no escaping.
const ODD_WORDS: &[&str] =
    &["crème", "Straße", "Łódź", "日本語", "Київ", "Αθήνα", "서울", "🐘", "ñandú", "it's", "\"so\"", "a\\b", "a\tb", "a\nb", "100 %"];
const COUNTRIES: &[&str] = &["AT", "CA", "DE", "JP", "MX", "ZA"];
const STATUSES: &[&str] = &["new", "paid", "packed", "shipped", "returned"];
const ACTIONS: &[&str] = &["open", "close", "like", "reply", "share"];
const PHRASES: usize = 40_000;
const BODIES: usize = 5_000;

/// What a column's cells are, as a comparison has to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Real,
    Text,
    Moment,
    Blob,
}

/// How a column's cells are made.
#[derive(Debug, Clone, Copy)]
pub(super) enum Make {
    /// The number of the row, from 1.
    Number,
    /// Fifty rows have the same.
    Tenant,
    /// The number of a row of a table of so many, or NULL in so many of a hundred.
    Reference {
        of: u64,
        nulls: u64,
    },
    /// The number of an earlier row of the same table, or NULL.
    Parent,
    Below(u64),
    Flag {
        percent: u64,
    },
    Score,
    Real(f64),
    Price,
    Email,
    /// A phrase of at most 30 characters.
    Name,
    /// A phrase and something that makes it differ.
    Title,
    /// A phrase and the number of the row: no two are alike.
    Unique,
    Note {
        nulls: u64,
    },
    Body {
        nulls: u64,
    },
    Country,
    Status,
    Moment,
    Payload,
    FileName,
    Mime,
    /// From 1 to 64 KiB; the blob behind it has this size.
    Size,
    Blob,
}

impl Make {
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Number
            | Self::Tenant
            | Self::Reference { .. }
            | Self::Parent
            | Self::Below(_)
            | Self::Flag { .. }
            | Self::Score
            | Self::Size => Kind::Integer,
            Self::Real(_) | Self::Price => Kind::Real,
            Self::Moment => Kind::Moment,
            Self::Blob => Kind::Blob,
            Self::Email
            | Self::Name
            | Self::Title
            | Self::Unique
            | Self::Note { .. }
            | Self::Body { .. }
            | Self::Country
            | Self::Status
            | Self::Payload
            | Self::FileName
            | Self::Mime => Kind::Text,
        }
    }
}

/// The pools, and the numbers to draw from them with.
#[derive(Debug)]
pub(super) struct Maker {
    pub(super) dice: Dice,
    phrases: Vec<String>,
    bodies: Vec<String>,
    size: usize,
}

impl Maker {
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut pool = |count, least: u64, span: u64| -> Vec<String> {
            (0..count).map(|_| phrase(&mut dice, usize::try_from(least).unwrap_or(1), span)).collect()
        };
        let (phrases, bodies) = (pool(PHRASES, 12, 36), pool(BODIES, 20, 280));
        Self { dice, phrases, bodies, size: 0 }
    }

    /// The cell of a row, which is counted from 1.
    pub(super) fn cell(&mut self, make: Make, row: u64) -> Value {
        let dice = &mut self.dice;
        match make {
            Make::Number => integer(row),
            Make::Tenant => integer(row / 50),
            Make::Reference { nulls, .. } if dice.percent(nulls) => Value::Null,
            Make::Reference { of, .. } => integer(1 + dice.below(of)),
            Make::Parent if row == 1 || dice.percent(30) => Value::Null,
            Make::Parent => integer(1 + dice.below(row - 1)),
            Make::Below(limit) => integer(dice.below(limit)),
            Make::Flag { percent } => integer(u64::from(dice.percent(percent))),
            Make::Score if dice.percent(50) => Value::Null,
            Make::Score => integer(dice.below(1_000_003)),
            Make::Real(limit) => Value::Real(dice.unit() * limit),
            Make::Price => {
                let cents = dice.below(500_000);
                Value::Real(format!("{}.{:02}", cents / 100, cents % 100).parse().unwrap_or_default())
            }
            Make::Email => Value::Text(format!("person{row}.{:x}@example.org", dice.below(1 << 24))),
            Make::Name => Value::Text(dice.pick(&self.phrases).chars().take(30).collect::<String>().trim_end().to_owned()),
            Make::Title => Value::Text(format!("{} #{:x}", dice.pick(&self.phrases), dice.below(1 << 28))),
            Make::Unique => Value::Text(format!("{} {row}", dice.pick(&self.phrases))),
            Make::Note { nulls } | Make::Body { nulls } if dice.percent(nulls) => Value::Null,
            Make::Note { .. } => Value::Text(dice.pick(&self.phrases).clone()),
            Make::Body { .. } => Value::Text(dice.pick(&self.bodies).clone()),
            Make::Country if dice.percent(14) => Value::Null,
            Make::Country => Value::Text((*dice.pick(COUNTRIES)).to_owned()),
            Make::Status => Value::Text((*dice.pick(STATUSES)).to_owned()),
            Make::Moment => Value::Text(moment(dice)),
            Make::Payload => Value::Text(payload(dice)),
            Make::FileName => Value::Text(format!("file_{row:06}.bin")),
            Make::Mime => Value::Text("application/octet-stream".to_owned()),
            Make::Size => {
                let size = 1024 + dice.below(63 * 1024 + 1);
                self.size = usize::try_from(size).unwrap_or(0);
                integer(size)
            }
            Make::Blob => {
                let mut bytes = vec![0; self.size];
                dice.fill(&mut bytes);
                Value::Blob(bytes)
            }
        }
    }
}

fn integer(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn phrase(dice: &mut Dice, least: usize, span: u64) -> String {
    let wanted = least + usize::try_from(dice.below(span)).unwrap_or(0);
    let mut text = String::new();
    while text.chars().count() < wanted {
        let words = if dice.percent(6) { ODD_WORDS } else { WORDS };
        let word: &&str = dice.pick(words);
        text.push_str(word);
        text.push(' ');
    }
    text.chars().take(wanted).collect::<String>().trim_end().to_owned()
}

/// `YYYY-MM-DD HH:MM:SS.ffffff`, as Rails and Django write it, within five years of months that all have 28 days.
fn moment(dice: &mut Dice) -> String {
    let second = dice.below(86_400);
    let (year, month, day) = (2020 + dice.below(5), 1 + dice.below(12), 1 + dice.below(28));
    let (hour, minute, second, micro) = (second / 3600, second / 60 % 60, second % 60, dice.below(1_000_000));
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micro:06}")
}

/// Spelled as `jsonb` prints it (keys by length, then bytes), so that it has the same checksum whatever a tool makes of it.
fn payload(dice: &mut Dice) -> String {
    let (host, ok, action, span) = (dice.below(65_536), dice.percent(50), *dice.pick(ACTIONS), dice.below(65_536));
    format!("{{\"ip\": \"10.1.{}.{}\", \"ok\": {ok}, \"act\": \"{action}\", \"dur\": {span}}}", host >> 8, host & 255)
}
