//! Cells through binary COPY into real columns and out again, and what the server itself says about them.

use bytes::Bytes;
use outgrow::postgres::{CopyIn, CopyOut, Session};
use outgrow::value::{Conversion, Fate, NumberStyle, NumberType, PgType, StringStyle, TextRules, UuidLayout, Value, ValueRef};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::generate::{cell_for, draw, runner};
use super::{budget, decoded, encoded, settled, shown};
use crate::fixture::Database;

/// A table `t` with a column `c0`, `c1`, … for each conversion, loaded with the settled cells.
pub(super) struct Loaded {
    session: Session,
    conversions: Vec<Conversion>,
    settled: Vec<Vec<Value>>,
}

impl Loaded {
    pub(super) async fn new(database: &Database, conversions: &[Conversion], columns: &[Vec<Value>]) -> Self {
        let session = database.session().await;
        let types: Vec<PgType> = conversions.iter().map(|conversion| conversion.pg_type()).collect();
        let pairs = conversions.iter().zip(columns);
        let settled = pairs.map(|(conversion, cells)| cells.iter().map(|cell| settled(*conversion, cell).1).collect()).collect();
        let loaded = Self { session, conversions: conversions.to_vec(), settled };
        loaded.load("t", &types, |column, cell| encoded(conversions[column], cell)).await;
        loaded
    }

    pub(super) fn client(&self) -> &Client {
        self.session.client()
    }

    pub(super) fn conversion(&self, column: usize) -> Conversion {
        self.conversions[column]
    }

    fn rows(&self) -> usize {
        self.settled[0].len()
    }

    async fn load(&self, table: &str, types: &[PgType], field: impl Fn(usize, &Value) -> Vec<u8>) {
        let columns: Vec<String> = types.iter().enumerate().map(|(column, pg_type)| format!("c{column} {pg_type}")).collect();
        self.client().batch_execute(&format!("create table {table} (id bigint, {})", columns.join(", "))).await.unwrap();
        let mut copy = CopyIn::begin(self.client(), &format!("copy {table} from stdin (format binary)"), "load the cells").await.unwrap();
        for row in 0..self.rows() {
            let mut tuple = Vec::new();
            tuple.extend_from_slice(&i16::try_from(types.len() + 1).unwrap().to_be_bytes());
            tuple.extend(encoded(Conversion::IntegerToBigint, &Value::Integer(i64::try_from(row).unwrap())));
            for (column, cells) in self.settled.iter().enumerate() {
                tuple.extend(field(column, &cells[row]));
            }
            copy.send(Bytes::from(tuple)).await.unwrap();
        }
        assert_eq!(copy.finish().await.unwrap(), u64::try_from(self.rows()).unwrap());
    }

    /// Fails unless every cell comes out as it was settled.
    async fn assert_comes_back(&self) {
        let statement = "copy (select * from t order by id) to stdout (format binary)";
        let mut copy = CopyOut::begin(self.client(), statement, self.conversions.len() + 1, "read the cells").await.unwrap();
        for row in 0..self.rows() {
            let tuple = copy.next_row().await.unwrap().unwrap();
            for (column, conversion) in self.conversions.iter().enumerate() {
                let (expected, back) = (&self.settled[column][row], decoded(*conversion, tuple.field(column + 1)));
                assert!(back == *expected, "{conversion:?}: {} comes back as {}", shown(expected.as_ref()), shown(back.as_ref()));
            }
        }
        assert!(copy.next_row().await.unwrap().is_none());
    }

    /// Fails unless the server, reading each settled cell as text, finds the value that is in the column.
    async fn assert_server_agrees(&self) {
        let types = vec![PgType::Text; self.conversions.len()];
        let as_text = Conversion::TextToText(TextRules::default());
        self.load("spelled", &types, |_, cell| encoded(as_text, &spelled(cell))).await;
        for (column, conversion) in self.conversions.iter().enumerate() {
            let (own, spelled) = (format!("t.c{column}"), format!("spelled.c{column}"));
            let same = agreement(*conversion, &own, &spelled);
            let statement = format!(
                "select id from t join spelled using (id) where ({same}) is not true and num_nonnulls({own}, {spelled}) > 0 order by id"
            );
            if let Some(row) = self.client().query(&statement, &[]).await.unwrap().first() {
                let row: i64 = row.get(0);
                let cell = &self.settled[column][usize::try_from(row).unwrap()];
                panic!("{conversion:?}: the server reads {} as another value", shown(cell.as_ref()));
            }
        }
    }
}

/// A cell as text, as the server's casts read it.
fn spelled(cell: &Value) -> Value {
    let text = match cell.as_ref() {
        ValueRef::Null => return Value::Null,
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => format!("{number:e}"),
        ValueRef::Text(bytes) if bytes.contains(&0) || std::str::from_utf8(bytes).is_err() => hex(bytes),
        ValueRef::Text(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        ValueRef::Blob(bytes) => hex(bytes),
    };
    Value::Text(text.into_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold("\\x".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// SQL that says whether the column's value is the spelled one.
fn agreement(conversion: Conversion, own: &str, spelled: &str) -> String {
    match conversion {
        Conversion::IntegerToBigint => format!("{own} = {spelled}::bigint"),
        Conversion::IntegerToBoolean => format!("{own} = {spelled}::int::boolean"),
        // Not by `extract`, which rounds far from 1970.
        Conversion::IntegerToTimestamptz(unit) => {
            format!("timestamptz_send({own}) = int8send(({spelled}::numeric * {} - 946684800000000)::bigint)", unit.micros())
        }
        Conversion::RealToDouble | Conversion::NumberToDouble => format!("float8send({own}) = float8send({spelled}::float8)"),
        Conversion::NumberToNumeric | Conversion::NumberToDecimal { .. } => format!("{own} = {spelled}::numeric"),
        Conversion::TextToText(_) => format!("{own} = {spelled}"),
        Conversion::TextToJson => format!("{own}::text = {spelled}"),
        Conversion::TextToUuid(_) | Conversion::AnyToUuid { form: Some(_), .. } => format!("{own} = {spelled}::uuid"),
        Conversion::TextToDate => format!("{own} = {spelled}::date"),
        Conversion::TextToTime(_) => format!("{own} = {spelled}::time"),
        Conversion::TextToTimestamp(_) => format!("{own} = {spelled}::timestamp"),
        Conversion::TextToTimestamptz(_) => format!("{own} = {spelled}::timestamptz"),
        // Text that PostgreSQL can't hold is spelled in hex.
        Conversion::TextToBytea => {
            format!("{own} in (convert_to({spelled}, 'UTF8'), case when {spelled} ~ '^\\\\x([0-9a-f]{{2}})*$' then {spelled}::bytea end)")
        }
        Conversion::BlobToBytea => format!("{own} = {spelled}::bytea"),
        Conversion::BlobToText | Conversion::AnyToString { style: StringStyle::Blob, .. } => {
            format!("convert_to({own}, 'UTF8') = {spelled}::bytea")
        }
        Conversion::BlobToUuid | Conversion::AnyToUuid { form: None, layout: UuidLayout::Rfc } => {
            format!("{own} = substr({spelled}, 3)::uuid")
        }
        // `single` is sent by its decimal, or by the real's own bits.
        Conversion::AnyToNumber { to: NumberType::Real, style: NumberStyle::Widened } => {
            format!("float4send({own}) = float4send({spelled}::float8::float4)")
        }
        Conversion::AnyToNumber { to, .. } => match to {
            NumberType::Real => format!("float4send({own}) = float4send({spelled}::float4)"),
            NumberType::Double => format!("float8send({own} + 0) = float8send({spelled}::float8 + 0)"),
            NumberType::Smallint | NumberType::Integer | NumberType::Bigint | NumberType::Numeric { .. } | NumberType::Decimal { .. } => {
                format!("{own} = {spelled}::numeric")
            }
        },
        Conversion::AnyToBoolean(_) => format!("{own} = {spelled}::boolean"),
        Conversion::AnyToString { .. } => format!("{own} = {spelled} or {own}::float8 = {spelled}::float8"),
        Conversion::AnyToBytea { text: true } => agreement(Conversion::TextToBytea, own, spelled),
        Conversion::AnyToBytea { text: false } => agreement(Conversion::BlobToBytea, own, spelled),
        Conversion::AnyToJson { binary: false, numbers: false } => agreement(Conversion::TextToJson, own, spelled),
        Conversion::AnyToJson { binary: false, numbers: true } => {
            format!("case when {own}::text = {spelled} then true else {own}::text::float8 = {spelled}::float8 end")
        }
        Conversion::AnyToJson { binary: true, .. } => format!("{own} = {spelled}::jsonb"),
        Conversion::AnyToUuid { form: None, layout: UuidLayout::Dotnet } => {
            let places = [7, 5, 3, 1, 11, 9, 15, 13, 17, 19, 21, 23, 25, 27, 29, 31];
            let bytes = places.map(|place| format!("substr({spelled}, {}, 2)", place + 2));
            format!("{own} = ({})::uuid", bytes.join(" || "))
        }
        Conversion::TextToArray(element) => {
            let values = format!(
                "select array_agg(value::{element} order by ordinality) from json_array_elements_text({spelled}::json) with ordinality"
            );
            format!("{own} = coalesce(({values}), '{{}}')")
        }
        Conversion::TextToAddress(_) => format!("{own}::text = {spelled} or host({own}::text::inet) = {spelled}"),
        Conversion::AnyToText(_) => format!("{own} = {spelled} or float8send({own}::float8) = float8send({spelled}::float8)"),
    }
}

#[tokio::test]
async fn every_conversion_survives_the_server() {
    let conversions = Conversion::samples();
    let mut runner = runner(1);
    let rows = budget(120);
    let columns: Vec<Vec<Value>> = conversions
        .iter()
        .map(|conversion| {
            let cells = cell_for(*conversion);
            (0..rows).map(|_| draw(&mut runner, &cells)).collect()
        })
        .collect();
    let database = Database::new("value_round_trip");
    let loaded = Loaded::new(&database, &conversions, &columns).await;
    loaded.client().batch_execute("set timezone = 'UTC'").await.unwrap();
    loaded.assert_comes_back().await;
    loaded.assert_server_agrees().await;
}

/// One cell of each conversion, and the text in which the server shows it under UTC and ISO dates.
fn shown_by_server() -> Vec<(Conversion, Value, &'static str)> {
    use outgrow::value::{Epoch, Fraction, Offset, Separator, TimeForm, TimestampForm, UuidForm};
    let text = |text: &str| Value::Text(text.into());
    let time = |fraction| TimeForm { seconds: true, fraction };
    let form = |offset| TimestampForm { separator: Separator::T, time: time(Fraction::Fixed(3)), offset };
    let east = Offset::Minutes { east: 240, colon: true, space: false };
    let uuid = "01234567-89ab-cdef-0123-456789abcdef";
    vec![
        (Conversion::IntegerToBigint, Value::Integer(i64::MIN), "-9223372036854775808"),
        (Conversion::IntegerToBoolean, Value::Integer(1), "true"),
        (Conversion::IntegerToBoolean, Value::Integer(0), "false"),
        (Conversion::IntegerToTimestamptz(Epoch::Seconds), Value::Integer(1_700_000_000), "2023-11-14 22:13:20+00"),
        (Conversion::IntegerToTimestamptz(Epoch::Milliseconds), Value::Integer(-1), "1969-12-31 23:59:59.999+00"),
        (Conversion::IntegerToTimestamptz(Epoch::Microseconds), Value::Integer(1), "1970-01-01 00:00:00.000001+00"),
        (Conversion::IntegerToTimestamptz(Epoch::Seconds), Value::Integer(-210_866_803_200), "4714-11-24 00:00:00+00 BC"),
        (Conversion::IntegerToTimestamptz(Epoch::Seconds), Value::Integer(9_224_318_015_999), "294276-12-31 23:59:59+00"),
        (Conversion::RealToDouble, Value::Real(-0.0), "-0"),
        (Conversion::RealToDouble, Value::Real(0.1 + 0.2), "0.30000000000000004"),
        (Conversion::RealToDouble, Value::Real(f64::NEG_INFINITY), "-Infinity"),
        (Conversion::NumberToDouble, Value::Integer(42), "42"),
        (Conversion::NumberToDouble, Value::Real(1e300), "1e+300"),
        (Conversion::NumberToNumeric, Value::Integer(-120_000_003), "-120000003"),
        (Conversion::NumberToNumeric, Value::Real(5.0), "5.0"),
        (Conversion::NumberToNumeric, Value::Real(-12_345.678), "-12345.678"),
        (Conversion::NumberToNumeric, Value::Real(1e-7), "0.0000001"),
        (Conversion::NumberToNumeric, Value::Real(1e20), "100000000000000000000.0"),
        (Conversion::NumberToNumeric, Value::Real(f64::INFINITY), "Infinity"),
        (Conversion::NumberToDecimal { precision: 10, scale: 2 }, Value::Real(19.9), "19.90"),
        (Conversion::NumberToDecimal { precision: 10, scale: 2 }, Value::Integer(-7), "-7.00"),
        (Conversion::TextToText(TextRules::default()), text("Gülnar\n\\"), "Gülnar\n\\"),
        (Conversion::TextToJson, text("{\"a\" : 1.00,\"a\":2}"), "{\"a\" : 1.00,\"a\":2}"),
        (Conversion::TextToUuid(UuidForm::SimpleUpper), text("0123456789ABCDEF0123456789ABCDEF"), uuid),
        (Conversion::TextToDate, text("0001-02-28"), "0001-02-28"),
        (Conversion::TextToDate, text("9999-12-31"), "9999-12-31"),
        (Conversion::TextToTime(time(Fraction::Trimmed)), text("23:59:59.0625"), "23:59:59.0625"),
        (Conversion::TextToTimestamp(form(Offset::Naive)), text("2024-02-29T12:34:56.780"), "2024-02-29 12:34:56.78"),
        (Conversion::TextToTimestamptz(form(Offset::Z)), text("2024-02-29T12:34:56.780Z"), "2024-02-29 12:34:56.78+00"),
        (Conversion::TextToTimestamptz(form(east)), text("2024-01-01T01:00:00.000+04:00"), "2023-12-31 21:00:00+00"),
        (Conversion::TextToTimestamptz(form(east)), text("0001-01-01T00:00:00.000+04:00"), "0001-12-31 20:00:00+00 BC"),
        (Conversion::TextToBytea, Value::Text(b"a\0\xff".to_vec()), "\\x6100ff"),
        (Conversion::BlobToBytea, Value::Blob(b"a\0\xff".to_vec()), "\\x6100ff"),
        (Conversion::BlobToText, Value::Blob("ğ".into()), "ğ"),
        (Conversion::BlobToUuid, Value::Blob(b"\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef".to_vec()), uuid),
        (Conversion::AnyToText(TextRules::default()), Value::Integer(-5), "-5"),
        (Conversion::AnyToText(TextRules::default()), Value::Real(5.0), "5.0"),
        (Conversion::AnyToText(TextRules::default()), Value::Real(1e16), "1e16"),
        (Conversion::AnyToText(TextRules::default()), Value::Blob(vec![0, 0xab]), "\\x00ab"),
        (Conversion::AnyToText(TextRules::default()), text("five"), "five"),
    ]
    .into_iter()
    .chain(super::fitted::shown_by_server())
    .collect()
}

#[tokio::test]
async fn the_server_shows_what_was_meant() {
    let table = shown_by_server();
    for conversion in Conversion::samples() {
        let kind = std::mem::discriminant(&conversion);
        assert!(table.iter().any(|(shown, _, _)| std::mem::discriminant(shown) == kind), "{conversion:?} is not in the table");
    }
    let conversions: Vec<Conversion> = table.iter().map(|(conversion, _, _)| *conversion).collect();
    let columns: Vec<Vec<Value>> = table.iter().map(|(_, cell, _)| vec![cell.clone()]).collect();
    for (conversion, cell, expected) in &table {
        assert_eq!(settled(*conversion, cell).0, Fate::Exact, "{conversion:?} {expected}");
    }
    let database = Database::new("value_shown");
    let loaded = Loaded::new(&database, &conversions, &columns).await;
    loaded.client().batch_execute("set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set bytea_output = hex").await.unwrap();
    loaded.assert_comes_back().await;
    let columns: Vec<String> = (0..conversions.len()).map(|column| format!("c{column}::text")).collect();
    let messages = loaded.client().simple_query(&format!("select {} from t", columns.join(", "))).await.unwrap();
    let row = messages.iter().find_map(|message| if let SimpleQueryMessage::Row(row) = message { Some(row) } else { None }).unwrap();
    for (column, (conversion, _, expected)) in table.iter().enumerate() {
        assert_eq!(row.get(column), Some(*expected), "{conversion:?}");
    }
}
