//! The schedule: which rows a segment takes, given where the bus shows each slot.

use halo2_proofs::halo2curves::bn256::Fr;

use super::expr::SlotId;
use super::segment::{Phase, Segment};

/// The bus: slot `s` stands in every row congruent to its position modulo the period.
#[derive(Clone, Debug)]
pub(crate) struct Bus {
    pub(crate) period: usize,
    /// Position of each slot.
    pub(crate) positions: Vec<usize>,
}

impl Bus {
    /// The first row not before `row` that shows `slot`.
    pub(crate) fn next(&self, slot: SlotId, row: usize) -> usize {
        let ahead = self.positions[slot] + self.period - row % self.period;
        row + ahead % self.period
    }
}

/// The rows of a segment.
#[derive(Clone, Debug)]
pub(crate) struct Placement {
    pub(crate) start: usize,
    /// Row and coefficient of every bus term.
    pub(crate) terms: Vec<(usize, Fr)>,
    /// Row and value of every constant.
    pub(crate) constants: Vec<(usize, Fr)>,
    /// Rows that multiply.
    pub(crate) multiplications: Vec<usize>,
    /// First row of the checked and hot cells.
    pub(crate) cells: usize,
    /// The row after the last.
    pub(crate) end: usize,
}

impl Placement {
    fn phase(&mut self, bus: &Bus, phase: &Phase, from: usize) -> usize {
        self.constants.push((from, phase.constant));
        let mut last = from;
        for (slot, coefficient) in &phase.terms {
            let row = bus.next(*slot, from);
            self.terms.push((row, *coefficient));
            last = last.max(row);
        }
        last
    }
}

/// Places `segment` so that it starts at row `start`.
pub(crate) fn place(bus: &Bus, segment: &Segment, width: usize, start: usize) -> Placement {
    let mut placement = Placement {
        start,
        terms: Vec::new(),
        constants: Vec::new(),
        multiplications: Vec::new(),
        cells: start,
        end: start,
    };
    let mut row = start;
    let mut last = start;
    for phase in &segment.phases {
        last = placement.phase(bus, phase, row);
        if let Some(slot) = phase.then_multiply {
            // A product takes the accumulator as it stands before its row.
            row = bus.next(slot, last + 1);
            placement.multiplications.push(row);
            last = row;
        }
    }
    placement.cells = row;
    placement.end = (last + 1).max(row + segment.cell_rows(width));
    placement
}

/// Places all segments one after the other from `start`, each time the one that wastes least.
pub(crate) fn place_all(
    bus: &Bus,
    segments: Vec<Segment>,
    width: usize,
    start: usize,
) -> Vec<(Segment, Placement)> {
    let mut pending = segments;
    let mut placed = Vec::with_capacity(pending.len());
    let mut row = start;
    while !pending.is_empty() {
        let candidates = pending.iter().enumerate().map(|(index, segment)| {
            let placement = place(bus, segment, width, row);
            let waste = placement.end - row - segment.cell_rows(width);
            (waste, index, placement)
        });
        let Some((_, index, placement)) =
            candidates.min_by_key(|(waste, index, _)| (*waste, *index))
        else {
            break;
        };
        row = placement.end;
        placed.push((pending.remove(index), placement));
    }
    placed
}
