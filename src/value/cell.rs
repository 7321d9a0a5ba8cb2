//! A cell of a SQLite table.

use std::fmt;

use serde::{Deserialize, Serialize};

/// SQLite's five storage classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StorageClass {
    /// NULL.
    Null,
    /// A 64-bit integer.
    Integer,
    /// A 64-bit float.
    Real,
    /// Text, in whatever bytes the writer left.
    Text,
    /// Bytes.
    Blob,
}

impl StorageClass {
    /// The name that SQLite's `typeof()` gives it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Integer => "integer",
            Self::Real => "real",
            Self::Text => "text",
            Self::Blob => "blob",
        }
    }
}

impl fmt::Display for StorageClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A borrowed cell. Text is the bytes that are stored: possibly not UTF-8, possibly with NUL bytes.
#[derive(Clone, Copy)]
pub enum ValueRef<'a> {
    /// NULL.
    Null,
    /// A 64-bit integer.
    Integer(i64),
    /// A 64-bit float.
    Real(f64),
    /// Text as stored.
    Text(&'a [u8]),
    /// Bytes.
    Blob(&'a [u8]),
}

/// An owned cell.
#[derive(Clone)]
pub enum Value {
    /// NULL.
    Null,
    /// A 64-bit integer.
    Integer(i64),
    /// A 64-bit float.
    Real(f64),
    /// Text as stored.
    Text(Vec<u8>),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Value {
    /// The cell, borrowed.
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(bytes) => ValueRef::Text(bytes),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }
    }
}

impl ValueRef<'_> {
    /// The storage class.
    pub const fn class(self) -> StorageClass {
        match self {
            Self::Null => StorageClass::Null,
            Self::Integer(_) => StorageClass::Integer,
            Self::Real(_) => StorageClass::Real,
            Self::Text(_) => StorageClass::Text,
            Self::Blob(_) => StorageClass::Blob,
        }
    }

    /// Length of text or blob in bytes; 8 for numbers, 0 for NULL.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Null => 0,
            Self::Integer(_) | Self::Real(_) => 8,
            Self::Text(bytes) | Self::Blob(bytes) => bytes.len(),
        }
    }

    /// Appends the cell in a form that differs for different cells and tells where it ends: class, length, bytes.
    pub fn append_to(self, bytes: &mut Vec<u8>) {
        self.append_head_to(bytes);
        if let Self::Text(content) | Self::Blob(content) = self {
            bytes.extend_from_slice(content);
        }
    }

    /// Appends what [`Self::append_to`] does, without the content of a text or blob, which comes last.
    pub fn append_head_to(self, bytes: &mut Vec<u8>) {
        let (tag, number) = match self {
            Self::Null => (0, None),
            Self::Integer(number) => (1, Some(number.to_le_bytes())),
            Self::Real(number) => (2, Some(number.to_bits().to_le_bytes())),
            Self::Text(_) => (3, None),
            Self::Blob(_) => (4, None),
        };
        bytes.push(tag);
        if let Some(number) = number {
            bytes.extend_from_slice(&number);
        }
        if let Self::Text(content) | Self::Blob(content) = self {
            bytes.extend_from_slice(&content.len().to_le_bytes());
        }
    }

    /// A copy that owns its bytes.
    pub fn to_owned(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Integer(number) => Value::Integer(number),
            Self::Real(number) => Value::Real(number),
            Self::Text(bytes) => Value::Text(bytes.to_vec()),
            Self::Blob(bytes) => Value::Blob(bytes.to_vec()),
        }
    }
}

/// Same storage class and same bits; reals are compared bit for bit, so that `-0.0` differs from `0.0`.
impl PartialEq for ValueRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Integer(a), Self::Integer(b)) => a == b,
            (Self::Real(a), Self::Real(b)) => a.to_bits() == b.to_bits(),
            (Self::Text(a), Self::Text(b)) | (Self::Blob(a), Self::Blob(b)) => a == b,
            (Self::Null | Self::Integer(_) | Self::Real(_) | Self::Text(_) | Self::Blob(_), _) => false,
        }
    }
}

impl Eq for ValueRef<'_> {}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.as_ref() == other.as_ref()
    }
}

impl Eq for Value {}

/// Shows class and size, never content: a stray `{:?}` must not leak a row.
impl fmt::Debug for ValueRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} of {} bytes>", self.class(), self.bytes())
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(f)
    }
}
