//! Network addresses: what PostgreSQL's `inet`, `cidr` and `macaddr` hold, and how they write it.
//!
//! Never used by the decoder.

use core::net::{IpAddr, Ipv6Addr};

use super::AddressType;

/// An address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Address {
    /// With how many bits are the network's.
    Ip(IpAddr, u8),
    Mac([u8; 6]),
}

impl Address {
    /// Reads an address: of a host or network with or without its bits; of a card with colons, hyphens or points.
    pub(super) fn read(kind: AddressType, text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        if kind == AddressType::Macaddr {
            return read_mac(text).map(Self::Mac);
        }
        let (host, bits) = match text.split_once('/') {
            Some((host, bits)) => (host, Some(bits)),
            None => (text, None),
        };
        let host: IpAddr = host.parse().ok()?;
        let most = if host.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => most,
            // No sign and no zeros in front.
            Some(bits) => bits.parse::<u8>().ok().filter(|number| *number <= most && number.to_string() == bits)?,
        };
        (kind == AddressType::Inet || is_network(host, bits)).then_some(Self::Ip(host, bits))
    }

    /// The address as PostgreSQL writes it.
    pub(super) fn written(self, kind: AddressType) -> String {
        match self {
            Self::Mac(bytes) => bytes.map(|byte| format!("{byte:02x}")).join(":"),
            Self::Ip(host, bits) => {
                let shown = match host {
                    IpAddr::V4(host) => host.to_string(),
                    IpAddr::V6(host) => written_v6(host),
                };
                let whole = bits == if host.is_ipv4() { 32 } else { 128 };
                if whole && kind == AddressType::Inet { shown } else { format!("{shown}/{bits}") }
            }
        }
    }
}

/// Whether the bits behind the network's are zeros, as `cidr` demands.
fn is_network(host: IpAddr, bits: u8) -> bool {
    match host {
        IpAddr::V4(host) => host.to_bits().checked_shl(bits.into()).unwrap_or(0) == 0,
        IpAddr::V6(host) => host.to_bits().checked_shl(bits.into()).unwrap_or(0) == 0,
    }
}

/// The first longest run of two zeros or more is left out; what stands for an address of version 4 ends as one.
fn written_v6(host: Ipv6Addr) -> String {
    let words = host.segments();
    let (mut start, mut length) = (0, 0);
    for first in 0..8 {
        let zeros = words.iter().skip(first).take_while(|word| **word == 0).count();
        if zeros > length {
            (start, length) = (first, zeros);
        }
    }
    let groups = |words: &[u16]| words.iter().map(|word| format!("{word:x}")).collect::<Vec<_>>().join(":");
    if length < 2 {
        return groups(&words);
    }
    let (before, behind) = (words.get(..start).unwrap_or_default(), words.get(start + length..).unwrap_or_default());
    if start == 0 && (length == 6 || (length == 5 && words[5] == 0xffff)) {
        let [.., a, b, c, d] = host.octets();
        return format!("::{}{a}.{b}.{c}.{d}", if length == 5 { "ffff:" } else { "" });
    }
    format!("{}::{}", groups(before), groups(behind))
}

fn read_mac(text: &str) -> Option<[u8; 6]> {
    let marks: Vec<(usize, char)> = text.char_indices().filter(|(_, sign)| matches!(sign, ':' | '-' | '.')).collect();
    let (places, signs): (Vec<usize>, String) = marks.into_iter().unzip();
    let known = matches!(
        (places.as_slice(), signs.as_str()),
        ([], _) | ([2, 5, 8, 11, 14], ":::::" | "-----") | ([6], ":" | "-") | ([4, 9], ".." | "--")
    );
    let digits: Option<Vec<u8>> =
        text.chars().filter(|sign| !matches!(sign, ':' | '-' | '.')).map(|sign| u8::try_from(sign.to_digit(16)?).ok()).collect();
    let digits: [u8; 12] = digits.filter(|_| known)?.try_into().ok()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| (byte << 4) | digit)).collect();
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_postgresql_writes() {
        use AddressType::{Cidr, Inet, Macaddr};
        for (kind, text, expected) in [
            (Inet, "192.168.0.1", Some("192.168.0.1")),
            (Inet, "192.168.0.1/24", Some("192.168.0.1/24")),
            (Inet, "192.168.0.1/32", Some("192.168.0.1")),
            (Inet, "192.168.0.1/33", None),
            (Inet, "192.168.0.1/+8", None),
            (Inet, "192.168.000.1", None),
            (Inet, "192.168", None),
            (Inet, "2001:DB8:0:0:0:0:0:1", Some("2001:db8::1")),
            (Inet, "2001:db8::1/64", Some("2001:db8::1/64")),
            (Inet, "::ffff:1.2.3.4", Some("::ffff:1.2.3.4")),
            (Inet, "::1.2.3.4", Some("::1.2.3.4")),
            (Inet, "1:0:0:2:0:0:0:3", Some("1:0:0:2::3")),
            (Inet, "1:0:2:3:4:5:6:7", Some("1:0:2:3:4:5:6:7")),
            (Inet, "::", Some("::")),
            (Inet, "::1", Some("::1")),
            (Inet, "1::", Some("1::")),
            (Cidr, "10.0.0.0/8", Some("10.0.0.0/8")),
            (Cidr, "10.0.0.1/8", None),
            (Cidr, "10.0.0.1", Some("10.0.0.1/32")),
            (Cidr, "::/0", Some("::/0")),
            (Macaddr, "08:00:2B:01:02:03", Some("08:00:2b:01:02:03")),
            (Macaddr, "08-00-2b-01-02-03", Some("08:00:2b:01:02:03")),
            (Macaddr, "0800.2b01.0203", Some("08:00:2b:01:02:03")),
            (Macaddr, "08002b:010203", Some("08:00:2b:01:02:03")),
            (Macaddr, "08002b010203", Some("08:00:2b:01:02:03")),
            (Macaddr, "08:00:2b:01:02", None),
            (Macaddr, "8:0:2b:1:2:3", None),
        ] {
            let read = Address::read(kind, text.as_bytes());
            assert_eq!(read.map(|address| address.written(kind)).as_deref(), expected, "{text}");
        }
    }
}
