//! What a cell costs: `settle`, `encode` and `decode` under every variant of conversion.
//!
//! Each works on cells that the conversion was made for. They are found rather than written: of a pool of cells, and of what a pool of
//! PostgreSQL's binary fields decodes to, those that settle as exact. A variant that finds none is named, and left out.
#![expect(clippy::print_stderr, reason = "whoever measures is told what was left out")]

use std::collections::BTreeMap;
use std::fmt;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use outgrow::value::{Conversion, Fate, Value, ValueRef, decode, encode, settle};

/// How many cells one measurement takes.
const CELLS: usize = 1000;

/// How many conversions of one variant are measured: some come with hundreds of parameters.
const OF_A_VARIANT: usize = 3;

fn main() {
    divan::main();
}

/// A conversion, with cells that it was made for and what these are encoded as.
struct Case {
    conversion: Conversion,
    cells: Vec<Value>,
    fields: Vec<Vec<u8>>,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.conversion)
    }
}

/// Cells as applications write them.
fn cells() -> Vec<Value> {
    let long = "a text of some length, as titles and comments are, with ümläuts and 日本語 ".repeat(3);
    let texts = [
        "Ada Lovelace",
        "a@example.com",
        &long,
        "2024-02-29",
        "2024-02-29 13:14:15",
        "2024-02-29 13:14:15.123456",
        "2024-02-29T13:14:15.123Z",
        "2024-02-29 13:14:15+00:00",
        "13:14:15",
        "13:14",
        r#"{"ip": "10.0.0.1", "ok": true, "act": "view", "dur": 1234}"#,
        r#"["a","b",3]"#,
        "[1,2,3]",
        r#"["a","b"]"#,
        "550e8400-e29b-41d4-a716-446655440000",
        "550E8400E29B41D4A716446655440000",
        "true",
        "f",
        "yes",
        "12345.67",
        "42",
        "10.1.2.3",
        "10.0.0.0/8",
        "2001:db8::1",
        "08:00:2b:01:02:03",
        "P1DT2H",
        "1 02:03:04",
        "",
    ];
    let integers = [0, 1, 42, -7, 65_536, 1_700_000_000, 1_700_000_000_123, 1_700_000_000_123_456, i64::MAX];
    let reals = [0.0, 1.5, 12_345.67, 0.1, -273.15, 6.02e23];
    let blobs = [&b"\x00\x01\xfe\xff0123456789ab"[..], &[0x7f; 16], &[0xaa; 4096], b"text in a blob"];
    let texts = texts.iter().map(|text| Value::Text(text.as_bytes().to_vec()));
    let integers = integers.into_iter().map(Value::Integer);
    texts.chain(integers).chain(reals.into_iter().map(Value::Real)).chain(blobs.map(|blob| Value::Blob(blob.to_vec()))).collect()
}

/// Fields in PostgreSQL's binary form: numbers of each width, moments among them.
fn fields() -> Vec<Vec<u8>> {
    let moments = [0_i64, 86_400_000_000, 762_527_655_123_456, 762_527_655_000_000, 47_655_000_000, 1_234_500];
    let whole = moments.iter().map(|number| number.to_be_bytes().to_vec());
    let half = [0_i32, 1, 8_825, 1_000_000].iter().map(|number| number.to_be_bytes().to_vec());
    let short = [0_i16, 1, 300].iter().map(|number| number.to_be_bytes().to_vec());
    let reals = [1.5_f64, 0.25].iter().map(|number| number.to_be_bytes().to_vec());
    let intervals = moments.iter().map(|number| [&number.to_be_bytes()[..], &[0; 8]].concat());
    let days = moments.iter().map(|number| [&number.to_be_bytes()[..], &3_i32.to_be_bytes(), &[0; 4]].concat());
    whole.chain(half).chain(short).chain(reals).chain(intervals).chain(days).chain([vec![0], vec![1]]).collect()
}

fn cases() -> Vec<Case> {
    let (cells, fields) = (cells(), fields());
    let mut variants: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for conversion in Conversion::samples() {
        let variant: String = format!("{conversion:?}").chars().take_while(char::is_ascii_alphanumeric).collect();
        let measured = variants.entry(variant).or_default();
        if measured.len() == OF_A_VARIANT {
            continue;
        }
        let decoded = fields.iter().filter_map(|field| decode(conversion, Some(field), &mut Vec::new()).ok().map(ValueRef::to_owned));
        let is_exact = |cell: &Value| settle(conversion, cell.as_ref(), &mut Vec::new()).fate == Fate::Exact;
        let fitting: Vec<Value> = cells.iter().cloned().chain(decoded).filter(|cell| *cell != Value::Null && is_exact(cell)).collect();
        if fitting.is_empty() {
            continue;
        }
        let cells: Vec<Value> = fitting.iter().cycle().take(CELLS).cloned().collect();
        let fields = cells.iter().map(|cell| field_of(conversion, cell)).collect();
        measured.push(Case { conversion, cells, fields });
    }
    for (variant, _) in variants.iter().filter(|(_, measured)| measured.is_empty()) {
        eprintln!("left out, because no cell fits it: {variant}");
    }
    variants.into_values().flatten().collect()
}

/// What a cell is encoded as, without the length in front.
fn field_of(conversion: Conversion, cell: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    match encode(conversion, cell.as_ref(), &mut out) {
        Ok(()) => out.split_off(4),
        Err(fault) => unreachable!("{conversion:?} does not take what it settles as exact: {fault}"),
    }
}

#[divan::bench(args = cases())]
fn settled(bencher: Bencher<'_, '_>, case: &Case) {
    let mut scratch = Vec::new();
    bencher.counter(ItemsCount::new(CELLS)).bench_local(|| {
        for cell in &case.cells {
            black_box(settle(case.conversion, black_box(cell.as_ref()), &mut scratch).fate);
        }
    });
}

#[divan::bench(args = cases())]
fn encoded(bencher: Bencher<'_, '_>, case: &Case) {
    let mut out = Vec::new();
    bencher.counter(ItemsCount::new(CELLS)).bench_local(|| {
        out.clear();
        for cell in &case.cells {
            black_box(encode(case.conversion, black_box(cell.as_ref()), &mut out)).ok();
        }
    });
}

#[divan::bench(args = cases())]
fn decoded(bencher: Bencher<'_, '_>, case: &Case) {
    let mut scratch = Vec::new();
    bencher.counter(ItemsCount::new(CELLS)).bench_local(|| {
        for field in &case.fields {
            black_box(decode(case.conversion, black_box(Some(field)), &mut scratch)).ok();
        }
    });
}
