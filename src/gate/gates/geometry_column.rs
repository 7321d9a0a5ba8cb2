//! `geometry-column`: geometries of GeoPackage and SpatiaLite.

use crate::catalog::{GeometryFormat, TargetCatalog, quoted};
use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::plan::GeometryDecision;

pub(super) const GATE: Gate = Gate {
    id: "geometry-column",
    title: "Geometries stay bytes",
    explain: "GeoPackage and SpatiaLite keep geometries as blobs of a form of their own. They come across as they are, byte for byte, and \
              the tables that describe them (`gpkg_…`, `geometry_columns`) come across as ordinary tables. What SQLite does with functions \
              of an extension stays behind: the R*Tree of the extents, and the triggers that call `ST_MinX` and its like to keep it in \
              step.\n\n\
              With PostGIS a GeoPackage column becomes a geometry after the move. The header has 8 bytes and an envelope, whose length bits 1 to \
              3 of the fourth byte tell; WKB follows:\n\n\
              ```sql\nCREATE EXTENSION postgis;\nALTER TABLE roads ADD COLUMN geometry geometry(LineString, 4326);\n\
              UPDATE roads SET geometry = ST_GeomFromWKB(substring(geom from 9 + (array[0, 32, 48, 48, 64])[1 + ((get_byte(geom, 3) >> 1) & 7)]), 4326);\n\
              CREATE INDEX ON roads USING gist (geometry);\n```\n\n\
              A SpatiaLite blob contains no whole WKB: let SpatiaLite write it (`AsBinary`) into a column of its own before the move.",
    check,
};

/// Where WKB begins in a GeoPackage blob.
fn wkb(column: &str) -> String {
    format!("substring({column} from 9 + (array[0, 32, 48, 48, 64])[1 + ((get_byte({column}, 3) >> 1) & 7)])")
}

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let columns = evidence.report.geometry_columns.iter();
    columns
        .map(|column| {
            let left_out = column.triggers.len() + usize::from(column.index.is_some());
            let severity = if left_out > 0 { Severity::Decide } else { Severity::Note };
            let count = u64::try_from(left_out + 1).unwrap_or(u64::MAX);
            Finding::new(&GATE, severity, format!("{}.{}", column.table, column.column), count, message(column))
                .action(action(column, evidence.target))
        })
        .collect()
}

fn message(column: &GeometryDecision) -> String {
    let format = match column.format {
        GeometryFormat::GeoPackage => "GeoPackage",
        GeometryFormat::Spatialite => "SpatiaLite",
    };
    let becomes = if column.bytes { "come across byte for byte" } else { "come across as the other values of the column" };
    let mut message = format!("geometries of {format} (type {}, SRID {}) {becomes}", column.kind, column.srid);
    if let Some(index) = &column.index {
        message.push_str(&format!("; their R*Tree {index} is not copied: it can be made anew from them"));
    }
    if !column.triggers.is_empty() {
        message.push_str(&format!("; the triggers that keep it in step are left out: {}", column.triggers.join(", ")));
    }
    message
}

fn action(column: &GeometryDecision, target: Option<&TargetCatalog>) -> String {
    let at_hand = match target.map(|target| target.extension("postgis").is_some()) {
        None => "",
        Some(true) => " (this server has it at hand)",
        Some(false) => " (this server has to be given it first)",
    };
    match column.format {
        GeometryFormat::GeoPackage if column.bytes => {
            format!("With PostGIS{at_hand} make a geometry of it: ST_GeomFromWKB({}, {}).", wkb(&quoted(&column.target)), column.srid)
        }
        GeometryFormat::GeoPackage => format!("With PostGIS{at_hand} make geometries of those that are bytes."),
        GeometryFormat::Spatialite => {
            format!("With PostGIS{at_hand} load what SpatiaLite's AsBinary gives, from a column that is written before the move.")
        }
    }
}
