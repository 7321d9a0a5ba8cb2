//! One conversion of every kind, with parameters that differ in what they do: what tests over all conversions go through.

use super::{
    AddressType, BooleanForm, Conversion, ElementType, Epoch, Fraction, NumberStyle, NumberType, Offset, Separator, StringStyle,
    StringType, TextFault, TextRules, TimeForm, TimestampForm, UuidForm, UuidLayout,
};

impl Conversion {
    /// Every conversion, each with representative parameters. For tests.
    #[doc(hidden)]
    pub fn samples() -> Vec<Self> {
        let mut samples = Vec::new();
        let mut next = Some(Self::IntegerToBigint);
        while let Some(conversion) = next {
            let variations;
            (variations, next) = conversion.variations_and_next();
            samples.extend(variations);
        }
        samples
    }

    /// A chain through all variants: one that is added stops the build here until it stands in the chain.
    fn variations_and_next(self) -> (Vec<Self>, Option<Self>) {
        let naive = *timestamp_forms(&[Offset::Naive]).first().expect("every offset gives some forms");
        let next = match self {
            Self::IntegerToBigint => Self::IntegerToBoolean,
            Self::IntegerToBoolean => Self::IntegerToTimestamptz(Epoch::Seconds),
            Self::IntegerToTimestamptz(_) => {
                return (Epoch::ALL.map(Self::IntegerToTimestamptz).to_vec(), Some(Self::RealToDouble));
            }
            Self::RealToDouble => Self::NumberToDouble,
            Self::NumberToDouble => Self::NumberToNumeric,
            Self::NumberToNumeric => Self::NumberToDecimal { precision: 10, scale: 2 },
            Self::NumberToDecimal { .. } => {
                let parameters = [(1, 0), (1, 1), (5, 0), (10, 2), (15, 0), (15, 6), (15, 15)];
                let decimals = parameters.map(|(precision, scale)| Self::NumberToDecimal { precision, scale });
                return (decimals.to_vec(), Some(Self::TextToText(TextRules::default())));
            }
            Self::TextToText(_) => return (text_rules().map(Self::TextToText).collect(), Some(Self::TextToJson)),
            Self::TextToJson => Self::TextToUuid(UuidForm::Simple),
            Self::TextToUuid(_) => return (UUID_FORMS.map(Self::TextToUuid).to_vec(), Some(Self::TextToDate)),
            Self::TextToDate => Self::TextToTime(naive.time),
            Self::TextToTime(_) => return (time_forms().map(Self::TextToTime).collect(), Some(Self::TextToTimestamp(naive))),
            Self::TextToTimestamp(_) => {
                let forms = timestamp_forms(&[Offset::Naive]);
                return (forms.into_iter().map(Self::TextToTimestamp).collect(), Some(Self::TextToTimestamptz(naive)));
            }
            Self::TextToTimestamptz(_) => {
                let forms = timestamp_forms(&OFFSETS);
                return (forms.into_iter().map(Self::TextToTimestamptz).collect(), Some(Self::TextToBytea));
            }
            Self::TextToBytea => Self::BlobToBytea,
            Self::BlobToBytea => Self::BlobToText,
            Self::BlobToText => Self::BlobToUuid,
            Self::BlobToUuid => Self::AnyToText(TextRules::default()),
            Self::AnyToText(_) => return (text_rules().map(Self::AnyToText).collect(), Some(Self::AnyToBoolean(BooleanForm::Integer))),
            Self::AnyToBoolean(_) => {
                let forms = BooleanForm::TEXTS.into_iter().chain([BooleanForm::Integer]);
                return (forms.map(Self::AnyToBoolean).collect(), Some(Self::AnyToBytea { text: true }));
            }
            Self::AnyToBytea { .. } => {
                let number = Self::AnyToNumber { to: NumberType::Bigint, style: NumberStyle::Affine };
                return ([true, false].map(|text| Self::AnyToBytea { text }).to_vec(), Some(number));
            }
            Self::AnyToNumber { .. } => {
                let string = Self::AnyToString { to: StringType::Text, style: StringStyle::Text, rules: TextRules::default() };
                return (numbers().collect(), Some(string));
            }
            Self::AnyToString { .. } => return (strings().collect(), Some(Self::AnyToJson { binary: true, numbers: true })),
            Self::AnyToJson { .. } => {
                let variations = [(true, true), (true, false), (false, true), (false, false)];
                let of = |(binary, numbers)| Self::AnyToJson { binary, numbers };
                return (variations.map(of).to_vec(), Some(Self::AnyToUuid { form: None, layout: UuidLayout::Rfc }));
            }
            Self::AnyToUuid { .. } => {
                let forms = UUID_FORMS.map(Some).into_iter().chain([None]);
                let layouts = [UuidLayout::Rfc, UuidLayout::Dotnet];
                let variations = forms.flat_map(|form| layouts.map(|layout| Self::AnyToUuid { form, layout }));
                return (variations.collect(), Some(Self::TextToArray(ElementType::Text)));
            }
            Self::TextToArray(_) => return (ELEMENTS.map(Self::TextToArray).to_vec(), Some(Self::TextToAddress(AddressType::Inet))),
            Self::TextToAddress(_) => {
                let kinds = [AddressType::Inet, AddressType::Cidr, AddressType::Macaddr];
                return (kinds.map(Self::TextToAddress).to_vec(), None);
            }
        };
        (vec![self], Some(next))
    }
}

const UUID_FORMS: [UuidForm; 6] = [
    UuidForm::Hyphenated,
    UuidForm::HyphenatedUpper,
    UuidForm::HyphenatedDigits,
    UuidForm::Simple,
    UuidForm::SimpleUpper,
    UuidForm::SimpleDigits,
];

const ELEMENTS: [ElementType; 9] = [
    ElementType::Text,
    ElementType::Varchar { max: None },
    ElementType::Varchar { max: Some(3) },
    ElementType::Smallint,
    ElementType::Integer,
    ElementType::Bigint,
    ElementType::Double,
    ElementType::Boolean,
    ElementType::Uuid,
];

fn numbers() -> impl Iterator<Item = Conversion> {
    let types = [
        NumberType::Smallint,
        NumberType::Integer,
        NumberType::Bigint,
        NumberType::Real,
        NumberType::Double,
        NumberType::Numeric { infinities: true },
        NumberType::Decimal { precision: 5, scale: 0 },
        NumberType::Decimal { precision: 12, scale: 2 },
        NumberType::Decimal { precision: 40, scale: 20 },
    ];
    let styles =
        [NumberStyle::Affine, NumberStyle::ByScale, NumberStyle::Real, NumberStyle::Widened, NumberStyle::Text, NumberStyle::TrimmedText];
    types.into_iter().flat_map(move |to| styles.map(|style| Conversion::AnyToNumber { to, style }))
}

fn strings() -> impl Iterator<Item = Conversion> {
    let types = [StringType::Text, StringType::Varchar { max: 8 }, StringType::Char { length: 8 }];
    let styles = [StringStyle::Text, StringStyle::Blob, StringStyle::Number];
    let rules = [TextFault::Quarantine, TextFault::Replace, TextFault::Strip].map(|fault| TextRules { nul: fault, invalid_utf8: fault });
    let of = move |to| styles.into_iter().flat_map(move |style| rules.map(|rules| Conversion::AnyToString { to, style, rules }));
    types.into_iter().flat_map(of)
}

const OFFSETS: [Offset; 6] = [
    Offset::Naive,
    Offset::Z,
    Offset::Minutes { east: 0, colon: true, space: false },
    Offset::Minutes { east: -330, colon: false, space: true },
    Offset::Minutes { east: 959, colon: true, space: true },
    Offset::Minutes { east: -959, colon: false, space: false },
];

fn text_rules() -> impl Iterator<Item = TextRules> {
    let faults = [TextFault::Quarantine, TextFault::Replace, TextFault::Strip];
    faults.into_iter().flat_map(move |nul| faults.map(|invalid_utf8| TextRules { nul, invalid_utf8 }))
}

fn time_forms() -> impl Iterator<Item = TimeForm> {
    let fractions = [
        Fraction::None,
        Fraction::Fixed(3),
        Fraction::Digits { count: 6, trailing_zero: false },
        Fraction::Digits { count: 1, trailing_zero: true },
        Fraction::DigitsOrNone { count: 6, trailing_zero: true },
        Fraction::DigitsOrNone { count: 3, trailing_zero: false },
        Fraction::Trimmed,
    ];
    let with_seconds = fractions.into_iter().map(|fraction| TimeForm { seconds: true, fraction });
    std::iter::once(TimeForm { seconds: false, fraction: Fraction::None }).chain(with_seconds)
}

fn timestamp_forms(offsets: &[Offset]) -> Vec<TimestampForm> {
    let separators = [Separator::Space, Separator::T];
    let with_time = |time| {
        let with_separator = move |separator| offsets.iter().map(move |offset| TimestampForm { separator, time, offset: *offset });
        separators.into_iter().flat_map(with_separator)
    };
    time_forms().flat_map(with_time).collect()
}
