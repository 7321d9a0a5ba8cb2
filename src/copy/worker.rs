//! One connection that does what the board gives it, with a reader of its own.

use std::time::Instant;

use super::TableCopy;
use super::blocks::Span;
use super::board::{Job, Next};
use super::desk::Desk;
use super::ledger::Ledger;
use super::reader::{Chunk, Order, Piece, Reader};
use super::reference;
use super::refused_row;
use super::tuned::tune;
use crate::catalog::quoted;
use crate::error::{Error, ErrorKind, Result, failpoint};
use crate::plan::{Action, ReferenceLoad, Step, TablePlan};
use crate::postgres::{CopyIn, Session, failed};

/// Steps that share a transaction: each locks what it makes, and the server has so many locks.
const STEPS_AT_ONCE: usize = 200;

/// A connection and its reader.
#[derive(Debug)]
pub(super) struct Worker {
    session: Session,
    reader: Option<Reader>,
}

impl Worker {
    /// A worker with this session.
    pub(super) async fn with(session: Session) -> Result<Self> {
        Ledger::join(&session).await?;
        tune(&session).await?;
        Ok(Self { session, reader: None })
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// Waits for the reader to let go of the snapshot.
    pub(super) async fn rest(&mut self) -> Result<()> {
        match self.reader.take() {
            Some(reader) => reader.finish().await,
            None => Ok(()),
        }
    }

    fn reader(&mut self, desk: &Desk<'_>) -> &mut Reader {
        self.reader.get_or_insert_with(|| Reader::start(desk.snapshot, desk.fates.clone(), desk.held()))
    }

    /// Works until the stage is over.
    pub(super) async fn work(&mut self, desk: &Desk<'_>) -> Result<()> {
        loop {
            let next = desk.board.borrow_mut().next();
            match next {
                Next::Over => return Ok(()),
                Next::Wait => desk.changed.notified().await,
                Next::Job(job) => {
                    self.job(desk, job).await?;
                    desk.changed.notify_waiters();
                }
            }
        }
    }

    async fn job(&mut self, desk: &Desk<'_>, job: Job<'_>) -> Result<()> {
        match job {
            Job::Step { lane, step } => {
                // An index is log for the replicas, too.
                desk.pace.wait(0).await;
                self.one(desk, step).await?;
                desk.board.borrow_mut().step_done(lane);
                Ok(())
            }
            Job::Block { lane, step, span } => {
                desk.begin(step)?;
                self.block(desk, lane, span).await
            }
            Job::Loaded { lane, step } => {
                desk.begin(step)?;
                self.loaded(desk, lane, step).await
            }
            Job::Whole { lanes } => self.whole(desk, &lanes).await,
        }
    }

    /// Carries steps out one after the other, several in one transaction where nothing speaks against it.
    pub(super) async fn alone(&mut self, desk: &Desk<'_>, steps: &[&Step]) -> Result<()> {
        let mut rest = steps;
        while let Some(first) = rest.first() {
            let together = rest.iter().take(STEPS_AT_ONCE).take_while(|step| !needs_its_own(step)).count();
            if together < 2 {
                self.one(desk, first).await?;
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            let (now, later) = rest.split_at(together);
            if !self.together(desk, now, &[]).await? {
                for step in now {
                    self.one(desk, step).await?;
                }
            }
            rest = later;
        }
        Ok(())
    }

    /// Carries out one step in a transaction of its own; what the move can go on without may be refused.
    async fn one(&mut self, desk: &Desk<'_>, step: &Step) -> Result<()> {
        desk.begin(step)?;
        let began = Instant::now();
        match self.run_statements(desk, step).await {
            Ok(refused) => desk.end(step, refused.as_deref(), began.elapsed()),
            Err(error) => {
                desk.fail(step, &error, began.elapsed())?;
                Err(error)
            }
        }
    }

    /// What the server said where it refused.
    async fn run_statements(&self, desk: &Desk<'_>, step: &Step) -> Result<Option<String>> {
        if let Some(load) = step.reference() {
            return self.reference(desk, step, load).await.map(|()| None);
        }
        let Action::Run { sql, optional } = &step.action else {
            return Err(Error::bug(format!("make {}", step.object), "rows are no statements"));
        };
        let doing = format!("make {}", step.object);
        if is_outside(step) {
            // Done twice, it does no harm: so it is noted behind.
            for statement in sql {
                self.execute(statement, &doing).await?;
            }
            desk.ledger.note_steps(&self.session, &[(&step.id, None)]).await?;
            failpoint::pass("step.committed")?;
            return Ok(None);
        }
        self.execute("begin", &doing).await?;
        let mut refused = None;
        for statement in sql {
            match self.execute(statement, &doing).await {
                Ok(()) => {}
                Err(error) if *optional && error.kind() == ErrorKind::TargetRefused => {
                    refused = Some(error.detail().to_owned());
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        if refused.is_some() {
            self.execute("rollback", &doing).await?;
            self.execute("begin", &doing).await?;
        }
        failpoint::pass("step.done")?;
        desk.ledger.note_steps(&self.session, &[(&step.id, refused.as_deref())]).await?;
        self.execute("commit", &doing).await?;
        failpoint::pass("step.committed")?;
        Ok(refused)
    }

    /// Adds the rows of a file, all of them or none.
    async fn reference(&self, desk: &Desk<'_>, step: &Step, load: &ReferenceLoad) -> Result<()> {
        let doing = format!("add {}", step.object);
        self.execute("begin", &doing).await?;
        reference::add(&self.session, desk.plan, load).await?;
        failpoint::pass("step.done")?;
        desk.ledger.note_steps(&self.session, &[(&step.id, None)]).await?;
        self.execute("commit", &doing).await?;
        failpoint::pass("step.committed")
    }

    async fn execute(&self, sql: &str, doing: &str) -> Result<()> {
        self.session.client().batch_execute(sql).await.map_err(|error| failed(doing, error))
    }

    /// Loads a block, chunk by chunk.
    async fn block(&mut self, desk: &Desk<'_>, lane: usize, span: Span) -> Result<()> {
        let table = desk.table(lane)?;
        self.reader(desk).order(Order { table: table.clone(), span });
        let mut from = span.first;
        let sent = self.rows(desk, lane, &table, &mut from).await;
        let (rows, rest) = sent.map_err(|error| {
            if error.kind() != ErrorKind::TargetRefused {
                return error;
            }
            let of = (&*table, Span { first: from, ..span });
            tokio::task::block_in_place(|| refused_row::named(desk.snapshot, &desk.fates, of, error))
        })?;
        let last = rest.map_or(span.last, |rest| rest.first - 1);
        desk.board.borrow_mut().block_done(lane, Span { last, ..span }, rows, rest);
        Ok(())
    }

    /// Sends what the reader reads of an order; gives how many rows that was, and what of it is left. `from` is where the chunk
    /// begins that is being sent.
    async fn rows(&mut self, desk: &Desk<'_>, lane: usize, table: &TablePlan, from: &mut i64) -> Result<(u64, Option<Span>)> {
        let doing = format!("load {}", table.target);
        let sql = desk.copy_statement(table);
        let mut open: Option<CopyIn> = None;
        let mut rows = 0;
        loop {
            match self.reader(desk).next().await? {
                Piece::Rows(bytes) => {
                    let copy = match &mut open {
                        Some(copy) => copy,
                        None => open.insert(self.begin_chunk(desk, lane, table, &sql, &doing).await?),
                    };
                    desk.pace.wait(bytes.len()).await;
                    copy.send(bytes).await?;
                }
                Piece::Chunk(chunk) => {
                    let copy = open.take().ok_or_else(|| Error::bug("commit a chunk", "no rows were sent for it"))?;
                    failpoint::pass("copy.chunk.sent")?;
                    arrived(copy.finish().await?, &chunk)?;
                    let (copied, last) = (copied(&chunk), chunk.span.last);
                    desk.ledger.note_chunks(&self.session, &[(&table.source, chunk)]).await?;
                    failpoint::pass("copy.chunk.noted")?;
                    self.execute("commit", "commit a chunk").await?;
                    failpoint::pass("copy.chunk.committed")?;
                    rows += copied.rows;
                    *from = last.saturating_add(1);
                    desk.add(lane, &copied);
                }
                Piece::End(rest) => return Ok((rows, rest)),
            }
        }
    }

    /// Rows that migrations put there go in the transaction that brings the first of ours, so that no one sees neither.
    async fn begin_chunk(&self, desk: &Desk<'_>, lane: usize, table: &TablePlan, sql: &str, doing: &str) -> Result<CopyIn> {
        self.execute("begin", "begin a chunk").await?;
        if desk.board.borrow().lane(lane).is_some_and(|lane| lane.clears)
            && let Some(rows) = desk.plan.existing.as_ref().and_then(|existing| existing.replaced.get(&table.source))
        {
            let clear = format!("delete from {}.{}", quoted(&desk.plan.schema), quoted(&table.target));
            delete_seeded(&self.session, doing, &clear, *rows).await?;
        }
        CopyIn::begin(self.session.client(), sql, doing).await
    }

    /// Notes that all rows of a table are in.
    async fn loaded(&mut self, desk: &Desk<'_>, lane: usize, step: &Step) -> Result<()> {
        let began = Instant::now();
        desk.complete(lane)?;
        desk.ledger.note_steps(&self.session, &[(&step.id, None)]).await?;
        failpoint::pass("step.committed")?;
        desk.end(step, None, began.elapsed())?;
        desk.board.borrow_mut().step_done(lane);
        Ok(())
    }

    /// Carries out all steps of some small tables in one transaction, or hands them back to be taken one by one.
    async fn whole(&mut self, desk: &Desk<'_>, lanes: &[usize]) -> Result<()> {
        let steps = desk.steps(lanes);
        if self.together(desk, &steps, lanes).await? {
            desk.board.borrow_mut().whole_done(lanes);
        } else {
            desk.board.borrow_mut().take_apart(lanes);
        }
        Ok(())
    }

    /// Tries steps in one transaction; false where the server refused one of them, and nothing is done. Taken one by one, the
    /// refusal then says of what.
    async fn together(&mut self, desk: &Desk<'_>, steps: &[&Step], lanes: &[usize]) -> Result<bool> {
        for step in steps {
            desk.begin(step)?;
        }
        let began = Instant::now();
        let copied = match self.try_together(desk, steps, lanes).await {
            Ok(copied) => copied,
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::TargetRefused | ErrorKind::TargetBusy | ErrorKind::TargetRights | ErrorKind::TargetFull
                ) =>
            {
                self.reader = None;
                self.execute("rollback", "give up a transaction").await?;
                return Ok(false);
            }
            Err(error) => return Err(error),
        };
        for (lane, copied) in &copied {
            desk.add(*lane, copied);
        }
        for lane in lanes.iter().filter(|lane| desk.has_load(**lane)) {
            desk.complete(*lane)?;
        }
        for step in steps {
            desk.end(step, None, began.elapsed())?;
        }
        Ok(true)
    }

    async fn try_together(&mut self, desk: &Desk<'_>, steps: &[&Step], lanes: &[usize]) -> Result<Vec<(usize, TableCopy)>> {
        let doing = "carry out several steps at once";
        let loads: Vec<usize> = lanes.iter().copied().filter(|lane| desk.has_rows(*lane)).collect();
        for lane in &loads {
            for span in desk.free(*lane) {
                let order = Order { table: desk.table(*lane)?, span };
                self.reader(desk).order(order);
            }
        }
        let mut sql = String::from("begin");
        let mut chunks: Vec<(usize, Chunk)> = Vec::new();
        for step in steps {
            match &step.action {
                Action::Reference(_) => return Err(Error::bug(doing, "a file of reference data has a transaction of its own")),
                Action::Run { sql: statements, .. } => {
                    for statement in statements {
                        sql.push_str(";\n");
                        sql.push_str(statement);
                    }
                }
                Action::Copy { table } => {
                    let Some(lane) = loads.iter().copied().find(|lane| desk.table(*lane).is_ok_and(|of| of.source == *table)) else {
                        continue;
                    };
                    self.execute(&std::mem::take(&mut sql), doing).await?;
                    chunks.extend(self.rows_together(desk, lane).await?.into_iter().map(|chunk| (lane, chunk)));
                }
            }
        }
        if !sql.is_empty() {
            self.execute(&sql, doing).await?;
        }
        let copied: Vec<(usize, TableCopy)> = chunks.iter().map(|(lane, chunk)| (*lane, copied(chunk))).collect();
        if !chunks.is_empty() {
            let tables = chunks.iter().map(|(lane, _)| desk.table(*lane)).collect::<Result<Vec<_>>>()?;
            let named: Vec<(&str, Chunk)> =
                tables.iter().map(|table| table.source.as_str()).zip(chunks.into_iter().map(|(_, chunk)| chunk)).collect();
            desk.ledger.note_chunks(&self.session, &named).await?;
            failpoint::pass("copy.chunk.noted")?;
        }
        failpoint::pass("step.done")?;
        let ids: Vec<(&str, Option<&str>)> = steps.iter().map(|step| (step.id.as_str(), None)).collect();
        desk.ledger.note_steps(&self.session, &ids).await?;
        self.execute("commit", doing).await?;
        if !copied.is_empty() {
            failpoint::pass("copy.chunk.committed")?;
        }
        failpoint::pass("step.committed")?;
        Ok(copied)
    }

    /// Sends all rows of a small table, in the transaction that is open.
    async fn rows_together(&mut self, desk: &Desk<'_>, lane: usize) -> Result<Vec<Chunk>> {
        let table = desk.table(lane)?;
        let doing = format!("load {}", table.target);
        let sql = desk.copy_statement(&table);
        let mut open: Option<CopyIn> = None;
        let mut chunks = Vec::new();
        let mut orders = desk.free(lane).len();
        while orders > 0 {
            match self.reader(desk).next().await? {
                Piece::Rows(bytes) => {
                    let copy = match &mut open {
                        Some(copy) => copy,
                        None => open.insert(CopyIn::begin(self.session.client(), &sql, &doing).await?),
                    };
                    desk.pace.wait(bytes.len()).await;
                    copy.send(bytes).await?;
                }
                Piece::Chunk(chunk) => {
                    let copy = open.take().ok_or_else(|| Error::bug("commit a chunk", "no rows were sent for it"))?;
                    failpoint::pass("copy.chunk.sent")?;
                    arrived(copy.finish().await?, &chunk)?;
                    chunks.push(chunk);
                }
                // What is left of a table that fills a chunk is ordered at once.
                Piece::End(Some(rest)) => self.reader(desk).order(Order { table: table.clone(), span: rest }),
                Piece::End(None) => orders -= 1,
            }
        }
        Ok(chunks)
    }
}

/// Whether a step's statements change settings of their transaction, or take none at all.
fn needs_its_own(step: &Step) -> bool {
    is_outside(step) || step.reference().is_some() || any_statement(step, "SET LOCAL ")
}

/// Whether a step's statements are such as PostgreSQL takes outside of a transaction only.
pub(super) fn is_outside(step: &Step) -> bool {
    any_statement(step, "VACUUM ")
}

fn any_statement(step: &Step, beginning: &str) -> bool {
    match &step.action {
        Action::Run { sql, .. } => sql.iter().any(|statement| statement.starts_with(beginning)),
        Action::Copy { .. } | Action::Reference(_) => false,
    }
}

fn copied(chunk: &Chunk) -> TableCopy {
    TableCopy { rows: chunk.rows, bytes: chunk.bytes, cells: chunk.cells.clone() }
}

fn arrived(rows: u64, chunk: &Chunk) -> Result<()> {
    let sent = chunk.rows.saturating_sub(chunk.held_out);
    if rows == sent {
        return Ok(());
    }
    Err(Error::bug("commit a chunk", format!("{sent} rows were sent and {rows} arrived")))
}

/// Deletes as many rows as the plan has seen; where there are others by now, nothing is deleted.
async fn delete_seeded(session: &Session, doing: &str, sql: &str, rows: u64) -> Result<()> {
    let deleted = session.client().execute(sql, &[]).await.map_err(|error| failed(doing, error))?;
    if deleted == rows {
        return Ok(());
    }
    let detail = format!("the table held {rows} rows when the plan was made, and holds {deleted} now; nothing of it was changed");
    Err(Error::new(ErrorKind::Unforeseen, doing, detail).hint("stop whoever writes to the target, and run again"))
}
