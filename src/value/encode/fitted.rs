//! The binary form of the other types that an application's own schema may have.

use core::net::IpAddr;
use std::io::Write;

use super::super::address::Address;
use super::super::array::{Element, elements};
use super::super::canonical::write_real;
use super::super::{AddressType, ElementType, UuidLayout, ValueRef, uuid_bytes};

/// PostgreSQL's numbers for the two families of addresses.
const FAMILY_4: u8 = 2;
const FAMILY_6: u8 = 3;

pub(super) fn append_boolean(value: ValueRef<'_>, out: &mut Vec<u8>) -> Option<()> {
    let bit = match value {
        ValueRef::Integer(0) => 0,
        ValueRef::Integer(1) => 1,
        ValueRef::Text(text) => match text.to_ascii_lowercase().as_slice() {
            b"0" | b"f" | b"false" | b"n" | b"no" | b"off" => 0,
            b"1" | b"t" | b"true" | b"y" | b"yes" | b"on" => 1,
            _ => return None,
        },
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => return None,
    };
    out.push(bit);
    Some(())
}

/// A number as its canonical text, a text or blob as it is.
pub(super) fn append_string(value: ValueRef<'_>, out: &mut Vec<u8>) -> Option<()> {
    match value {
        ValueRef::Null => return None,
        ValueRef::Integer(number) => write!(out, "{number}").ok()?,
        ValueRef::Real(number) => write_real(out, number),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => out.extend_from_slice(bytes),
    }
    Some(())
}

/// Text or bytes of either class.
pub(super) fn append_bytes(value: ValueRef<'_>, out: &mut Vec<u8>) -> Option<()> {
    let (ValueRef::Text(bytes) | ValueRef::Blob(bytes)) = value else { return None };
    out.extend_from_slice(bytes);
    Some(())
}

/// `jsonb` is sent as the number of its format and a text.
pub(super) fn append_json(binary: bool, value: ValueRef<'_>, out: &mut Vec<u8>) -> Option<()> {
    if let ValueRef::Blob(_) = value {
        return None;
    }
    if binary {
        out.push(1);
    }
    append_string(value, out)
}

pub(super) fn append_uuid(layout: UuidLayout, value: ValueRef<'_>, out: &mut Vec<u8>) -> Option<()> {
    let digits = match value {
        ValueRef::Text(text) => uuid_bytes::read(text)?,
        ValueRef::Blob(bytes) => uuid_bytes::reordered(layout, bytes.try_into().ok()?),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => return None,
    };
    out.extend_from_slice(&digits);
    Some(())
}

/// Dimensions, whether there are NULLs, the element's type; for the one dimension its length and that it starts at 1.
pub(super) fn append_array(kind: ElementType, value: ValueRef<'_>, out: &mut Vec<u8>) -> Option<()> {
    let elements = elements(kind, super::text(value)?).ok()?;
    let nulls = u32::from(elements.contains(&Element::Null));
    let words = [u32::from(!elements.is_empty()), nulls, kind.oid()];
    for word in words {
        out.extend_from_slice(&word.to_be_bytes());
    }
    if elements.is_empty() {
        return Some(());
    }
    out.extend_from_slice(&i32::try_from(elements.len()).ok()?.to_be_bytes());
    out.extend_from_slice(&1_i32.to_be_bytes());
    for element in elements {
        match element {
            Element::Null => out.extend_from_slice(&(-1_i32).to_be_bytes()),
            Element::Text(text) => append_field(text.as_bytes(), out)?,
            Element::Integer(number) => match kind {
                ElementType::Smallint => append_field(&i16::try_from(number).ok()?.to_be_bytes(), out)?,
                ElementType::Integer => append_field(&i32::try_from(number).ok()?.to_be_bytes(), out)?,
                ElementType::Text
                | ElementType::Varchar { .. }
                | ElementType::Bigint
                | ElementType::Double
                | ElementType::Boolean
                | ElementType::Uuid => append_field(&number.to_be_bytes(), out)?,
            },
            Element::Real(number) => append_field(&number.to_be_bytes(), out)?,
            Element::Boolean(value) => append_field(&[u8::from(value)], out)?,
            Element::Uuid(digits) => append_field(&digits, out)?,
        }
    }
    Some(())
}

fn append_field(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    out.extend_from_slice(&i32::try_from(bytes.len()).ok()?.to_be_bytes());
    out.extend_from_slice(bytes);
    Some(())
}

pub(super) fn append_address(kind: AddressType, value: ValueRef<'_>, out: &mut Vec<u8>) -> Option<()> {
    match Address::read(kind, super::text(value)?)? {
        Address::Mac(bytes) => out.extend_from_slice(&bytes),
        Address::Ip(host, bits) => {
            let network = u8::from(kind == AddressType::Cidr);
            match host {
                IpAddr::V4(host) => {
                    out.extend_from_slice(&[FAMILY_4, bits, network, 4]);
                    out.extend_from_slice(&host.octets());
                }
                IpAddr::V6(host) => {
                    out.extend_from_slice(&[FAMILY_6, bits, network, 16]);
                    out.extend_from_slice(&host.octets());
                }
            }
        }
    }
    Some(())
}
