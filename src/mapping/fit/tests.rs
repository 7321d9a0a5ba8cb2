//! Which conversion a column gets in a schema that is there already.

use super::{Demand, Fit, Unfit, fit};
use crate::catalog::{Affinity, Column, TargetColumn, TargetType};
use crate::mapping::{Facts, Intent};
use crate::value::ValueRef::{self, Blob, Integer, Null, Real, Text};
use crate::value::{
    AddressType, BooleanForm, ColumnProfile, Conversion, ElementType, NumberStyle, NumberType, RowKey, StringStyle, StringType, TextRules,
    UuidForm, UuidLayout,
};

const UUID: &[u8] = b"01234567-89ab-cdef-0123-456789abcdef";
const DECIMAL: TargetType = TargetType::Numeric { limits: Some((10, 2)) };

fn fitted(declared: &str, cells: &[ValueRef<'_>], pg_type: &TargetType, written: &str) -> Result<Fit, Unfit> {
    let mut profile = ColumnProfile::default();
    for cell in cells {
        profile.observe(*cell, &|| RowKey::of(&[Integer(1)]));
    }
    let column = Column {
        name: "c".to_owned(),
        declared: declared.to_owned(),
        affinity: Affinity::of_declared(declared),
        not_null: false,
        default: None,
        generated: None,
        collation: "BINARY".to_owned(),
    };
    let facts = Facts {
        column: &column,
        intent: Intent::of_declared(declared),
        profile: &profile,
        text_rules: TextRules::default(),
        keyed: false,
        numeric_infinity: true,
    };
    let target = TargetColumn {
        name: "c".to_owned(),
        pg_type: pg_type.clone(),
        written: written.to_owned(),
        not_null: false,
        has_default: false,
        identity: None,
        sequence: None,
        generated: false,
    };
    fit(&Demand { facts, target: &target, uuid_layout: UuidLayout::Dotnet, empty_is_null: true })
}

fn check(cases: &[(&str, &[ValueRef<'_>], TargetType, Conversion)]) {
    for (declared, cells, pg_type, conversion) in cases {
        let fit = fitted(declared, cells, pg_type, "its type").unwrap();
        assert_eq!(fit.conversion, *conversion, "{declared} {cells:?} → {pg_type:?}");
    }
}

#[test]
fn numbers_take_the_style_of_most_cells() {
    use NumberStyle::{Affine, ByScale, Real as AsReal, Text as AsText, TrimmedText, Widened};
    let number = |to, style| Conversion::AnyToNumber { to, style };
    let decimal = NumberType::Decimal { precision: 10, scale: 2 };
    let numeric = NumberType::Numeric { infinities: true };
    check(&[
        ("INTEGER", &[Integer(1)], TargetType::Bigint, Conversion::IntegerToBigint),
        ("INTEGER", &[Integer(1), Text(b"toto")], TargetType::Bigint, number(NumberType::Bigint, Affine)),
        ("INTEGER", &[Integer(1)], TargetType::Integer, number(NumberType::Integer, Affine)),
        ("REAL", &[Real(1.0)], TargetType::Integer, number(NumberType::Integer, AsReal)),
        ("REAL", &[Real(0.1)], TargetType::DoublePrecision, Conversion::RealToDouble),
        ("REAL", &[Real(0.1)], TargetType::Real, number(NumberType::Real, AsReal)),
        ("REAL", &[Real(0.5)], TargetType::Real, number(NumberType::Real, Widened)),
        ("TEXT", &[Text(b"12.50")], DECIMAL, number(decimal, AsText)),
        ("TEXT", &[Text(b"12.5"), Text(b"7")], DECIMAL, number(decimal, TrimmedText)),
        ("DECIMAL(10,2)", &[Real(0.1), Integer(1)], DECIMAL, number(decimal, Affine)),
        ("", &[Real(1.0), Integer(1)], TargetType::Numeric { limits: None }, number(numeric, ByScale)),
        ("INTEGER", &[], TargetType::Smallint, number(NumberType::Smallint, Affine)),
    ]);
}

#[test]
fn booleans_take_the_commonest_form() {
    let boolean = Conversion::AnyToBoolean;
    check(&[
        ("BOOLEAN", &[Integer(0), Integer(1)], TargetType::Boolean, Conversion::IntegerToBoolean),
        ("TEXT", &[Text(b"t"), Text(b"f"), Text(b"Yes")], TargetType::Boolean, boolean(BooleanForm::Initial)),
        ("TEXT", &[Text(b"True")], TargetType::Boolean, boolean(BooleanForm::WordTitle)),
        ("", &[Integer(1), Integer(0), Text(b"true")], TargetType::Boolean, boolean(BooleanForm::Integer)),
        ("", &[Null], TargetType::Boolean, boolean(BooleanForm::Integer)),
    ]);
    let fit = fitted("TEXT", &[Text(b"Y"), Text(b"N")], &TargetType::Boolean, "boolean").unwrap();
    assert_eq!((fit.because.as_str(), fit.empty_is_null), ("2 texts, 2 of them `Y` or `N` → boolean", true));
}

#[test]
fn strings_and_bytes_take_the_class_of_most_cells() {
    let rules = TextRules::default();
    let string = |to, style| Conversion::AnyToString { to, style, rules };
    let varchar = TargetType::Varchar { max: Some(5) };
    check(&[
        ("TEXT", &[Text(b"a")], TargetType::Text, Conversion::TextToText(rules)),
        ("TEXT", &[], TargetType::Varchar { max: None }, Conversion::TextToText(rules)),
        ("TEXT", &[Text(b"a")], varchar, string(StringType::Varchar { max: 5 }, StringStyle::Text)),
        ("TEXT", &[Text(b"a")], TargetType::Char { length: 2 }, string(StringType::Char { length: 2 }, StringStyle::Text)),
        ("TEXT", &[Text(b"a")], TargetType::Citext, string(StringType::Citext, StringStyle::Text)),
        ("STRING", &[Integer(5), Text(b"a")], TargetType::Text, string(StringType::Text, StringStyle::Number)),
        ("", &[Integer(5), Text(b"6"), Text(b"7")], TargetType::Text, string(StringType::Text, StringStyle::Text)),
        ("TEXT", &[Blob(b"<p>")], TargetType::Text, string(StringType::Text, StringStyle::Blob)),
        ("BLOB", &[Blob(b"a")], TargetType::Bytea, Conversion::BlobToBytea),
        ("BLOB", &[Text(b"a")], TargetType::Bytea, Conversion::TextToBytea),
        ("BLOB", &[Text(b"a"), Blob(b"a")], TargetType::Bytea, Conversion::AnyToBytea { text: false }),
    ]);
    assert!(!fitted("TEXT", &[Text(b"")], &TargetType::Text, "text").unwrap().empty_is_null);
}

#[test]
fn special_types_have_their_conversions() {
    let uuid = |form| Conversion::AnyToUuid { form, layout: UuidLayout::Dotnet };
    let array = |element, element_oid| TargetType::Array { element: Box::new(element), element_oid };
    check(&[
        ("JSON", &[Text(b"{}")], TargetType::Json, Conversion::TextToJson),
        ("JSON", &[Text(b"{}"), Integer(5)], TargetType::Json, Conversion::AnyToJson { binary: false, numbers: true }),
        ("JSON", &[Text(b"{}")], TargetType::Jsonb, Conversion::AnyToJson { binary: true, numbers: false }),
        ("UUID", &[Text(UUID)], TargetType::Uuid, Conversion::TextToUuid(UuidForm::Hyphenated)),
        ("UUID", &[Text(UUID), Text(b"{x}")], TargetType::Uuid, uuid(Some(UuidForm::Hyphenated))),
        ("UUID", &[Blob(&[0; 16])], TargetType::Uuid, uuid(None)),
        ("TEXT", &[Text(b"[1]")], array(TargetType::Integer, 23), Conversion::TextToArray(ElementType::Integer)),
        ("TEXT", &[Text(b"::1")], TargetType::Inet, Conversion::TextToAddress(AddressType::Inet)),
        ("TEXT", &[], TargetType::Macaddr, Conversion::TextToAddress(AddressType::Macaddr)),
    ]);
    let labels = vec!["new".to_owned(), "paid".to_owned()];
    let fit = fitted("TEXT", &[Text(b"new")], &TargetType::Enum { labels }, "state").unwrap();
    assert_eq!(fit.because, "1 text, 2 labels → state");
    assert!(fit.values.is_some_and(|map| map.closed && map.pairs.len() == 2));
}

#[test]
fn what_has_no_conversion_is_refused() {
    let of_dates = TargetType::Array { element: Box::new(TargetType::Date), element_oid: 1_082 };
    let of_own = TargetType::Array { element: Box::new(TargetType::Text), element_oid: 70_000 };
    for (cells, pg_type, written, reason, advice) in [
        (&[Blob(b"a")][..], TargetType::Integer, "integer", "1 blob have no", "another type"),
        (&[Integer(1)], TargetType::Inet, "inet", "1 integer have no", "another type"),
        (&[Integer(1)], TargetType::Uuid, "uuid", "1 integer have no", "another type"),
        (&[], TargetType::Money, "money", "no conversion to money", "numeric"),
        (&[], TargetType::Other, "hstore", "no conversion to hstore", "leave it out"),
        (&[], of_dates, "date[]", "no conversion to date[]", "jsonb"),
        (&[], of_own, "label[]", "no conversion to label[]", "jsonb"),
    ] {
        let unfit = fitted("", cells, &pg_type, written).unwrap_err();
        assert!(unfit.reason.contains(reason) && unfit.advice.contains(advice), "{unfit:?}");
    }
}
