//! Who listens at a port of this machine where no PostgreSQL answers.

use std::fs;
use std::net::IpAddr;

use crate::postgres::{Address, ConnectionSettings};
use crate::sqlite::command_of;

/// `port 5433 of this machine is held by process 812 (node server.js)`; none where the server is elsewhere.
pub(super) fn who_listens(settings: &ConnectionSettings) -> Option<String> {
    let endpoint = settings.endpoints().iter().find(|endpoint| is_here(&endpoint.address))?;
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| fs::read_to_string(table).unwrap_or_default());
    let sockets: Vec<String> = tables.iter().flat_map(|table| listening(table, endpoint.port)).collect();
    if sockets.is_empty() {
        return Some(format!("nobody listens at port {} of this machine", endpoint.port));
    }
    let who = holder_of(&sockets)
        .map_or_else(|| "a process of another user or in a container".to_owned(), |pid| format!("process {pid} ({})", command_of(pid)));
    Some(format!("port {} of this machine is held by {who}", endpoint.port))
}

fn is_here(address: &Address) -> bool {
    match address {
        Address::Socket(_) => false,
        Address::Tcp { host, address } => {
            let numeric = address.or_else(|| host.parse::<IpAddr>().ok());
            numeric.map_or_else(|| host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
        }
    }
}

/// The inodes of the sockets that listen at a port, from a table of the kernel's.
fn listening(table: &str, port: u16) -> Vec<String> {
    let wanted = format!("{port:04X}");
    let socket = |line: &str| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let local = words.get(1)?.rsplit(':').next()?;
        // State 0A: it listens.
        (local == wanted && *words.get(3)? == "0A").then(|| words.get(9).map(|inode| (*inode).to_owned()))?
    };
    table.lines().skip(1).filter_map(socket).collect()
}

/// A process that holds one of these sockets.
fn holder_of(sockets: &[String]) -> Option<u32> {
    let links: Vec<String> = sockets.iter().map(|inode| format!("socket:[{inode}]")).collect();
    fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid = entry.file_name().to_str()?.parse::<u32>().ok()?;
        let mut handles = fs::read_dir(entry.path().join("fd")).ok()?.flatten();
        let holds = |link: std::path::PathBuf| links.iter().any(|wanted| link.as_os_str() == wanted.as_str());
        handles.any(|handle| fs::read_link(handle.path()).is_ok_and(holds)).then_some(pid)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_s_table_is_read() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0\n\
             1: 0100007F:1538 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0 20 4 30 10 -1\n";
        assert_eq!(listening(table, 0x1538), ["4711"]);
        assert!(listening(table, 5433).is_empty());
        let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = held.local_addr().unwrap().port();
        let sockets = listening(&fs::read_to_string("/proc/net/tcp").unwrap(), port);
        assert_eq!(holder_of(&sockets), Some(std::process::id()));
    }
}
