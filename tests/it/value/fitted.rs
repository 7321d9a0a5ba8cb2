//! Cells for the types of a schema that is there already, and what is special about them.

use bytes::Bytes;
use outgrow::postgres::CopyIn;
use outgrow::value::{
    AddressType, BooleanForm, Conversion, ElementType, Fate, NumberStyle, NumberType, Reason, Rule, StringStyle, StringType, TextRules,
    UuidForm, UuidLayout, Value, ValueMap,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::generate::{cell, draw, integer, plain, real, runner, uuid};
use super::{budget, settled, shown};
use crate::fixture::Database;

fn text(text: String) -> Value {
    Value::Text(text.into_bytes())
}

/// Numbers that mostly fit the type, in the style.
pub(super) fn number(to: NumberType, style: NumberStyle) -> BoxedStrategy<Value> {
    let (before, behind) = match to {
        NumberType::Smallint => (4, 0),
        NumberType::Integer => (9, 0),
        NumberType::Bigint => (18, 0),
        NumberType::Real => (3, 3),
        NumberType::Double | NumberType::Numeric { .. } => (8, 6),
        NumberType::Decimal { precision, scale } => (u32::from(precision) - u32::try_from(scale).unwrap(), u32::try_from(scale).unwrap()),
    };
    let digits =
        move |most: u32| "[0-9]{0,40}".prop_map(move |digits| digits[..digits.len().min(usize::try_from(most).unwrap())].to_owned());
    let decimal = (any::<bool>(), digits(before), digits(behind)).prop_map(move |(negative, whole, fraction)| {
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let fixed = matches!(to, NumberType::Decimal { .. }) && style == NumberStyle::Text;
        let width = usize::try_from(behind).unwrap();
        let fraction = if fixed { format!("{fraction:0<width$}") } else { fraction.trim_end_matches('0').to_owned() };
        let point = if fraction.is_empty() { "" } else { "." };
        let zero = whole == "0" && fraction.bytes().all(|digit| digit == b'0');
        format!("{}{whole}{point}{fraction}", if negative && !zero { "-" } else { "" })
    });
    let single = real().prop_map(|number| number.to_string().parse::<f32>().unwrap()).prop_map(|number| Value::Real(f64::from(number)));
    let whole = (-9_999..9_999_i64).prop_map(Value::Integer).boxed();
    let styled = match style {
        NumberStyle::Text | NumberStyle::TrimmedText => decimal.prop_map(text).boxed(),
        NumberStyle::Widened if to == NumberType::Real => single.boxed(),
        NumberStyle::Real | NumberStyle::Widened => decimal.prop_map(|decimal| Value::Real(decimal.parse().unwrap())).boxed(),
        NumberStyle::Affine | NumberStyle::ByScale => whole,
    };
    let other = prop_oneof![
        integer().prop_map(Value::Integer),
        real().prop_map(Value::Real),
        integer().prop_map(|number| text(number.to_string())),
        select(vec![
            "12.50",
            "+5",
            "007",
            " 5 ",
            "1e3",
            ".5",
            "5.",
            "-0",
            "0.00",
            "1e-7",
            "16777217",
            "Infinity",
            "0.1000000000000000055",
            "1e400",
            "x",
            ""
        ])
        .prop_map(|number| text(number.to_owned())),
    ];
    prop_oneof![4 => styled, 1 => other].boxed()
}

pub(super) fn boolean(form: BooleanForm) -> BoxedStrategy<Value> {
    let other = select(BooleanForm::TEXTS.to_vec());
    let word = |form: BooleanForm, yes: bool| match form.words() {
        Some([if_true, if_false]) => text(if yes { if_true } else { if_false }.to_owned()),
        None => Value::Integer(yes.into()),
    };
    let others = (other, any::<bool>()).prop_map(move |(form, yes)| word(form, yes));
    prop_oneof![
        4 => any::<bool>().prop_map(move |yes| word(form, yes)),
        1 => others,
        1 => select(vec![Value::Real(1.0), Value::Real(0.0), Value::Real(0.5), Value::Integer(0), Value::Integer(2), text("YeS".to_owned())]),
    ]
    .boxed()
}

pub(super) fn string(style: StringStyle) -> BoxedStrategy<Value> {
    let short = prop_oneof![plain().prop_map(|text| text.chars().take(8).collect()), "[a-c ]{0,12}"].boxed();
    let blob = |text: String| Value::Blob(text.into_bytes());
    match style {
        StringStyle::Text => prop_oneof![4 => short.prop_map(text), 1 => cell()].boxed(),
        StringStyle::Blob => prop_oneof![4 => short.prop_map(blob), 1 => cell()].boxed(),
        StringStyle::Number => prop_oneof![
            2 => (-9_999_999..9_999_999_i64).prop_map(Value::Integer),
            1 => (-999..999_i32).prop_map(|number| Value::Real(f64::from(number) / 8.0)),
            1 => short.prop_map(text),
            1 => (-9_999..9_999_i64).prop_map(|number| text(number.to_string())),
        ]
        .boxed(),
    }
}

pub(super) fn json(binary: bool, numbers: bool) -> BoxedStrategy<Value> {
    let document = super::json::document();
    let canonical = vec((select(vec!["a", "b", "ab", "ğ"]), -99..99_i64), 0..3).prop_map(|mut pairs| {
        pairs.sort_by_key(|(key, _)| (key.len(), *key));
        pairs.dedup_by_key(|(key, _)| *key);
        let pairs: Vec<String> = pairs.iter().map(|(key, number)| format!("\"{key}\": {number}")).collect();
        format!("{{{}}}", pairs.join(", "))
    });
    let sqlite = document.clone().prop_map(|text| {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let blob: Option<Vec<u8>> = connection.query_row("select jsonb(?1)", [&text], |row| row.get(0)).ok();
        blob.map_or(Value::Null, Value::Blob)
    });
    let number = prop_oneof![integer().prop_map(Value::Integer), real().prop_map(Value::Real), (-50..50_i64).prop_map(Value::Integer)];
    prop_oneof![
        (if binary { 4 } else { 1 }) => canonical.prop_map(text),
        2 => document.prop_map(text),
        1 => sqlite,
        (if numbers { 4 } else { 1 }) => number,
    ]
    .boxed()
}

pub(super) fn array(element: ElementType) -> BoxedStrategy<String> {
    let one = match element {
        ElementType::Text => plain().prop_map(|text| serde_json::to_string(&text).unwrap()).boxed(),
        ElementType::Varchar { max } => {
            let most = max.map_or(20, |max| usize::try_from(max).unwrap());
            plain().prop_map(move |text| serde_json::to_string(&text.chars().take(most).collect::<String>()).unwrap()).boxed()
        }
        ElementType::Smallint => any::<i16>().prop_map(|number| number.to_string()).boxed(),
        ElementType::Integer => any::<i32>().prop_map(|number| number.to_string()).boxed(),
        ElementType::Bigint => any::<i64>().prop_map(|number| number.to_string()).boxed(),
        ElementType::Double => {
            real().prop_map(|number| if number.is_finite() { number } else { 0.5 }).prop_map(|number| number.to_string()).boxed()
        }
        ElementType::Boolean => any::<bool>().prop_map(|value| value.to_string()).boxed(),
        ElementType::Uuid => uuid(UuidForm::Hyphenated).prop_map(|uuid| format!("\"{uuid}\"")).boxed(),
    };
    let stranger =
        select(vec!["null", "1.0", "\"\\u0041\"", "99999999999", "true", "[1]", "{}", "\"\\u0000\"", "1e2"]).prop_map(str::to_owned);
    let separator = prop_oneof![5 => Just(","), 1 => Just(", ")];
    let items = |most| vec(prop_oneof![most => one.clone(), 1 => Just("null".to_owned())], 0..5);
    prop_oneof![
        6 => (items(8), separator).prop_map(|(items, separator)| format!("[{}]", items.join(separator))),
        1 => vec(stranger, 1..3).prop_map(|items| format!("[{}]", items.join(","))),
        1 => super::json::document(),
    ]
    .boxed()
}

pub(super) fn address(kind: AddressType) -> BoxedStrategy<String> {
    let word = prop_oneof![2 => Just(0_u16), 1 => any::<u16>(), 1 => Just(0xffff_u16)];
    let host4 = any::<[u8; 4]>().prop_map(|bytes| (std::net::IpAddr::from(bytes), 32_u8)).boxed();
    let host6 = vec(word, 8).prop_map(|words| (std::net::IpAddr::from(<[u16; 8]>::try_from(words).unwrap()), 128_u8)).boxed();
    let host = prop_oneof![host4, host6];
    let zeros = |address: std::net::IpAddr, bits: u8| match address {
        std::net::IpAddr::V4(host) => {
            std::net::IpAddr::from((u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0) & host.to_bits()).to_be_bytes())
        }
        std::net::IpAddr::V6(host) => {
            std::net::IpAddr::from((u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0) & host.to_bits()).to_be_bytes())
        }
    };
    let with_bits = (host, any::<u8>(), 0..4_u8).prop_map(move |((address, most), bits, choice)| {
        let bits = bits % (most + 1);
        match (kind, choice) {
            (AddressType::Cidr, 0..=2) => format!("{}/{bits}", zeros(address, bits)),
            (_, 0..=1) => address.to_string(),
            _ => format!("{address}/{bits}"),
        }
    });
    match kind {
        AddressType::Inet | AddressType::Cidr => with_bits.boxed(),
        AddressType::Macaddr => (any::<[u8; 6]>(), 0..8_u8)
            .prop_map(|(bytes, form)| {
                let pairs = bytes.map(|byte| format!("{byte:02x}"));
                match form {
                    0 => pairs.join("-").to_uppercase(),
                    1 => pairs.concat(),
                    2 => [&pairs[..2], &pairs[2..4], &pairs[4..]].map(<[String]>::concat).join("."),
                    _ => pairs.join(":"),
                }
            })
            .boxed(),
    }
}

/// Two exact cells, the first of which is the greater one for SQLite only (or the same as the second).
pub(super) fn disordered_pair(conversion: Conversion) -> Option<[Value; 2]> {
    let texts = |one: &str, two: &str| Some([text(one.to_owned()), text(two.to_owned())]);
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others have their pairs where they are tested, and what has none fails there")]
    match conversion {
        Conversion::AnyToNumber { to, style } => match (style, to) {
            (NumberStyle::Text, NumberType::Decimal { scale, .. }) if scale > 0 => {
                let zeros = "0".repeat(usize::try_from(scale).unwrap());
                texts(&format!("9.{zeros}"), &format!("10.{zeros}"))
            }
            (NumberStyle::Text | NumberStyle::TrimmedText, _) => texts("9", "10"),
            // The real is 2^60, and 1152921504606847000 in its shortest decimal.
            (NumberStyle::ByScale, NumberType::Numeric { .. }) => {
                Some([Value::Integer(1_152_921_504_606_846_980), Value::Real(1_152_921_504_606_846_976.0)])
            }
            _ => Some([Value::Integer(i64::MIN), Value::Real(-9_223_372_036_854_775_808.0)]),
        },
        Conversion::AnyToString { .. } => Some([10, 9].map(Value::Integer)),
        Conversion::AnyToJson { numbers: true, .. } => Some([text("\"a\"".to_owned()), Value::Integer(1)]),
        Conversion::AnyToJson { numbers: false, .. } => texts("9", "10"),
        Conversion::AnyToUuid { .. } => {
            let mut pair = [[0; 16], [0; 16]];
            (pair[0][0], pair[1][3]) = (1, 1);
            Some(pair.map(|bytes| Value::Blob(bytes.to_vec())))
        }
        Conversion::TextToArray(element) => {
            let one = match element {
                ElementType::Text | ElementType::Varchar { .. } => "\"a\"",
                ElementType::Smallint | ElementType::Integer | ElementType::Bigint | ElementType::Double => "1",
                ElementType::Boolean => "true",
                ElementType::Uuid => "\"01234567-89ab-cdef-0123-456789abcdef\"",
            };
            texts(&format!("[{one}]"), &format!("[{one},{one}]"))
        }
        Conversion::TextToAddress(AddressType::Inet) => texts("9.0.0.0", "10.0.0.0"),
        Conversion::TextToAddress(AddressType::Cidr) => texts("9.0.0.0/8", "10.0.0.0/8"),
        _ => None,
    }
}

/// One exact cell of each conversion, and the text in which the server shows it.
pub(super) fn shown_by_server() -> Vec<(Conversion, Value, &'static str)> {
    let number = |to, style| Conversion::AnyToNumber { to, style };
    let string = |to, style| Conversion::AnyToString { to, style, rules: TextRules::default() };
    let words = |words: &str| text(words.to_owned());
    let price = NumberType::Decimal { precision: 12, scale: 2 };
    let digits = [0x67, 0x45, 0x23, 0x01, 0xab, 0x89, 0xef, 0xcd, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];
    let uuid = "01234567-89ab-cdef-0123-456789abcdef";
    vec![
        (number(NumberType::Smallint, NumberStyle::Affine), Value::Integer(-32_768), "-32768"),
        (number(NumberType::Integer, NumberStyle::Real), Value::Real(7.0), "7"),
        (number(NumberType::Bigint, NumberStyle::Text), words("-9223372036854775808"), "-9223372036854775808"),
        (number(NumberType::Real, NumberStyle::Real), Value::Real(0.1), "0.1"),
        (number(NumberType::Real, NumberStyle::Widened), Value::Real(0.100_000_001_490_116_12), "0.1"),
        (number(NumberType::Real, NumberStyle::Affine), Value::Integer(16_777_216), "1.6777216e+07"),
        (number(NumberType::Double, NumberStyle::TrimmedText), words("0.1"), "0.1"),
        (number(price, NumberStyle::Text), words("12.50"), "12.50"),
        (number(price, NumberStyle::TrimmedText), words("12.5"), "12.50"),
        (number(price, NumberStyle::Affine), Value::Real(12.5), "12.50"),
        (number(price, NumberStyle::Affine), Value::Integer(12), "12.00"),
        (number(NumberType::Numeric { infinities: true }, NumberStyle::ByScale), Value::Real(5.0), "5.0"),
        (number(NumberType::Numeric { infinities: true }, NumberStyle::Text), words("0.10000000000000000550"), "0.10000000000000000550"),
        (number(NumberType::Numeric { infinities: true }, NumberStyle::Text), words("Infinity"), "Infinity"),
        (number(NumberType::Decimal { precision: 5, scale: 0 }, NumberStyle::Affine), Value::Integer(99_999), "99999"),
        (Conversion::AnyToBoolean(BooleanForm::LetterUpper), words("Y"), "true"),
        (Conversion::AnyToBoolean(BooleanForm::Digit), words("0"), "false"),
        (string(StringType::Varchar { max: 3 }, StringStyle::Text), words("ğü "), "ğü "),
        // A cast to text takes the blanks off.
        (string(StringType::Char { length: 5 }, StringStyle::Text), words("ğü"), "ğü"),
        (string(StringType::Text, StringStyle::Number), Value::Integer(-5), "-5"),
        (string(StringType::Text, StringStyle::Blob), Value::Blob(b"<p>".to_vec()), "<p>"),
        (Conversion::AnyToBytea { text: true }, words("a"), "\\x61"),
        (Conversion::AnyToJson { binary: true, numbers: false }, words("{\"a\": [1, 2.50]}"), "{\"a\": [1, 2.50]}"),
        (Conversion::AnyToJson { binary: true, numbers: true }, Value::Real(2.5), "2.5"),
        (Conversion::AnyToUuid { form: None, layout: UuidLayout::Dotnet }, Value::Blob(digits.to_vec()), uuid),
        (Conversion::AnyToUuid { form: Some(UuidForm::Hyphenated), layout: UuidLayout::Rfc }, words(uuid), uuid),
        (Conversion::TextToArray(ElementType::Text), words("[\"a b\",null,\"\"]"), "{\"a b\",NULL,\"\"}"),
        (Conversion::TextToArray(ElementType::Double), words("[0.5,-3]"), "{0.5,-3}"),
        (Conversion::TextToAddress(AddressType::Inet), words("10.1.2.3/8"), "10.1.2.3/8"),
        (Conversion::TextToAddress(AddressType::Cidr), words("2001:db8::/32"), "2001:db8::/32"),
        (Conversion::TextToAddress(AddressType::Macaddr), words("08:00:2b:01:02:03"), "08:00:2b:01:02:03"),
    ]
}

/// Fields of some other program's making that the source's column has no exact form for.
pub(super) fn without_form() -> Vec<(Conversion, Vec<u8>)> {
    let number = |to, style| Conversion::AnyToNumber { to, style };
    let array = |words: &[i32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
    let nan = f64::NAN.to_be_bytes();
    vec![
        (number(NumberType::Double, NumberStyle::Affine), nan.to_vec()),
        (number(NumberType::Double, NumberStyle::Text), nan.to_vec()),
        (number(NumberType::Real, NumberStyle::Real), f32::NAN.to_be_bytes().to_vec()),
        (number(NumberType::Bigint, NumberStyle::Real), i64::MAX.to_be_bytes().to_vec()),
        (number(NumberType::Numeric { infinities: true }, NumberStyle::Text), vec![0, 0, 0, 0, 0xC0, 0, 0, 0]),
        // 1e-17 more than a third of one, of which no real is the shortest decimal.
        (
            number(NumberType::Numeric { infinities: true }, NumberStyle::Affine),
            [6_u16, 0xffff, 0, 24, 3_333, 3_333, 3_333, 3_333, 4_333, 3_333].iter().flat_map(|word| word.to_be_bytes()).collect(),
        ),
        // Two dimensions, and one that starts at 0.
        (Conversion::TextToArray(ElementType::Integer), array(&[2, 0, 23, 1, 1, 1, 1, 4, 7])),
        (Conversion::TextToArray(ElementType::Integer), array(&[1, 0, 23, 1, 0, 4, 7])),
        (Conversion::TextToArray(ElementType::Double), [&array(&[1, 0, 701, 1, 1, 8])[..], &nan].concat()),
    ]
}

#[tokio::test]
async fn case_20_what_a_type_cuts_or_fills_up_is_known_before() {
    let database = Database::new("value_widths");
    let session = database.session().await;
    // The server itself says what it would make of each text.
    let cast = "select t, (t::varchar(3))::text, (t::char(3))::text from unnest($1::text[]) t";
    let texts = ["abc", "ab ", "ab   ", "   ", "", "ğüş", "ğüş ", " a", "abcd"].map(str::to_owned).to_vec();
    for row in session.client().query(cast, &[&texts]).await.unwrap() {
        let (cell, varchar, fixed): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        for (to, held) in [(StringType::Varchar { max: 3 }, varchar), (StringType::Char { length: 3 }, fixed)] {
            let conversion = Conversion::AnyToString { to, style: StringStyle::Text, rules: TextRules::default() };
            let (fate, value) = settled(conversion, &text(cell.clone()));
            assert!(value == text(held.clone()), "{cell:?} in {to:?}: {}", shown(value.as_ref()));
            let expected = match (held == cell, cell.as_str()) {
                (true, _) => Fate::Exact,
                (false, "abcd") => Fate::Quarantined(Reason::TooLong),
                (false, _) => Fate::Normalised(Rule::TrailingBlanks),
            };
            assert_eq!(fate, expected, "{cell:?} in {to:?}");
        }
    }
}

#[tokio::test]
async fn labels_of_an_enumeration_come_back_and_nothing_else_gets_in() {
    let database = Database::new("value_labels");
    let session = database.session().await;
    session.client().batch_execute("create type state as enum ('new', 'paid', '1'); create table t (id int, c state)").await.unwrap();
    let map = ValueMap::of_labels(&["new", "paid", "1"].map(str::to_owned));
    let conversion = Conversion::TextToText(TextRules::default());
    let cells =
        [text("paid".to_owned()), Value::Null, text("1".to_owned()), text("New".to_owned()), Value::Integer(1), text(String::new())];
    let mut copy = CopyIn::begin(session.client(), "copy t from stdin (format binary)", "load the labels").await.unwrap();
    let (mut scratch, mut fates) = (Vec::new(), Vec::new());
    for (id, cell) in (0_i32..).zip(&cells) {
        let settled = map.settle(conversion, cell.as_ref(), &mut scratch);
        fates.push(settled.fate);
        let mut tuple = [&2_i16.to_be_bytes()[..], &4_i32.to_be_bytes(), &id.to_be_bytes()].concat();
        map.encode(conversion, settled.value, &mut tuple).unwrap();
        copy.send(Bytes::from(tuple)).await.unwrap();
    }
    assert_eq!(copy.finish().await.unwrap(), 6);
    let unmapped = Fate::Quarantined(Reason::Unmapped);
    assert_eq!(fates, [Fate::Exact, Fate::Exact, Fate::Exact, unmapped, unmapped, unmapped]);
    let rows = session.client().query("select c::text from t order by id", &[]).await.unwrap();
    let back: Vec<Option<String>> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(back, [Some("paid".to_owned()), None, Some("1".to_owned()), None, None, None]);
    let mut scratch = Vec::new();
    assert_eq!(map.decode(conversion, Some(b"paid"), &mut scratch).unwrap().to_owned(), cells[0]);
}

/// What `jsonb` prints is what a settled document says, and what it refuses is quarantined.
#[tokio::test]
async fn a_settled_document_is_what_jsonb_prints() {
    let database = Database::new("value_jsonb");
    let session = database.session().await;
    let print = "create function prints(document text) returns text language plpgsql as $$
        begin return document::jsonb::text; exception when others then return null; end $$";
    session.client().batch_execute(print).await.unwrap();
    let mut runner = runner(1);
    let documents = super::json::document();
    let mut texts: Vec<String> = (0..budget(3_000)).map(|_| draw(&mut runner, &documents)).collect();
    texts.extend(
        [
            "1e131071",
            "1e131072",
            "1e-16383",
            "1e-16384",
            "0e-16384",
            "0e999999",
            "[1.0e1]",
            "-0.0",
            "\"\\u007f\\u0080\"",
            "\"\\ud83d\"",
            "{\"a\":1,\"\":2}",
        ]
        .map(str::to_owned),
    );
    let rows = session.client().query("select t, prints(t) from unnest($1::text[]) t", &[&texts]).await.unwrap();
    assert_eq!(rows.len(), texts.len());
    let mut changed = 0;
    for row in rows {
        let (document, printed): (String, Option<String>) = (row.get(0), row.get(1));
        let (fate, value) = settled(Conversion::AnyToJson { binary: true, numbers: false }, &text(document.clone()));
        match printed {
            None => assert!(matches!(fate, Fate::Quarantined(_)), "{document}"),
            Some(printed) => {
                assert!(value == text(printed.clone()), "{document} → {printed}, not {}", shown(value.as_ref()));
                assert_eq!(fate, if printed == document { Fate::Exact } else { Fate::Normalised(Rule::JsonbForm) }, "{document}");
                changed += usize::from(printed != document);
            }
        }
    }
    assert!(changed > texts.len() / 5);
}
