//! Cells that their column can't give back, kept byte for byte beside the table.

use super::{RowKey, StorageClass, Value, ValueRef};

/// One cell of the quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinedCell {
    /// The table's name in the source.
    pub table: String,
    /// The column's name in the source.
    pub column: String,
    /// Which row.
    pub row: RowKey,
    /// The storage class of the original.
    pub class: StorageClass,
    /// The original: the bytes of a text or blob; the eight bytes, most significant first, of an integer or real.
    pub original: Vec<u8>,
    /// The id of the reason.
    pub reason: String,
}

impl QuarantinedCell {
    /// The bytes that stand for a value in the quarantine.
    pub fn bytes_of(value: ValueRef<'_>) -> Vec<u8> {
        match value {
            ValueRef::Null => Vec::new(),
            ValueRef::Integer(number) => number.to_be_bytes().to_vec(),
            ValueRef::Real(number) => number.to_be_bytes().to_vec(),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
        }
    }

    /// The original value, from its class and bytes; none where the two don't fit.
    pub fn value(class: StorageClass, bytes: &[u8]) -> Option<Value> {
        Some(match class {
            StorageClass::Null => Value::Null,
            StorageClass::Integer => Value::Integer(i64::from_be_bytes(bytes.try_into().ok()?)),
            StorageClass::Real => Value::Real(f64::from_be_bytes(bytes.try_into().ok()?)),
            StorageClass::Text => Value::Text(bytes.to_vec()),
            StorageClass::Blob => Value::Blob(bytes.to_vec()),
        })
    }

    /// The memory it takes, in bytes.
    pub fn size(&self) -> usize {
        self.table.len() + self.column.len() + self.row.as_str().len() + self.original.len() + self.reason.len() + 64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_comes_back() {
        for value in [
            Value::Integer(i64::MIN),
            Value::Real(-0.0),
            Value::Real(f64::INFINITY),
            Value::Text(b"a\0\xff".to_vec()),
            Value::Blob(Vec::new()),
            Value::Null,
        ] {
            let bytes = QuarantinedCell::bytes_of(value.as_ref());
            assert_eq!(QuarantinedCell::value(value.as_ref().class(), &bytes), Some(value));
        }
    }
}
