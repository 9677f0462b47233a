//! What stands where in a layout: for the tests' malicious prover, which rewrites it.

use super::Layout;

pub use super::expr::Expr;
pub use super::groups::Literal;
pub use super::segment::{CheckedCell, HotCell};
pub use super::slots::SlotSource;

/// The places of everything that a prover chooses.
#[derive(Debug)]
pub struct Parts<'a> {
    /// Position on the bus and meaning of every slot.
    pub slots: Vec<(usize, &'a SlotSource)>,
    /// The expressions that limbs decompose, over the slots.
    pub limbs: &'a [Expr],
    /// Bits of a limb.
    pub limb_bits: u32,
    /// Row and content of every checked cell.
    pub checked: &'a [(usize, CheckedCell)],
    /// Row, column and content of every hot cell.
    pub hot: &'a [(usize, usize, HotCell)],
    /// The row that starts the running sum, and the row after its last group.
    pub running: (usize, usize),
    /// The literals of every box of every group.
    pub boxes: Vec<Vec<Vec<Literal>>>,
    layout: &'a Layout,
}

impl Layout {
    /// Its parts.
    pub fn parts(&self) -> Parts<'_> {
        let slots = self.lowered.slots.slots.iter().map(|slot| &slot.source);
        let boxes =
            |group: &super::groups::Group| group.boxes.iter().map(|b| b.literals.clone()).collect();
        Parts {
            slots: self.bus.positions.iter().copied().zip(slots).collect(),
            limbs: &self.lowered.limbs,
            limb_bits: self.limb_bits,
            checked: &self.checked,
            hot: &self.hot,
            running: self.running,
            boxes: self.groups.groups.iter().map(boxes).collect(),
            layout: self,
        }
    }
}

impl Parts<'_> {
    /// The code that is in the table exactly if the literal is true.
    pub fn code(&self, literal: Literal) -> u64 {
        self.layout.codes.literal(literal)
    }

    /// The code of one end of a feature's interval.
    pub fn end(&self, feature: usize, interval: usize, above: bool) -> u64 {
        self.layout.codes.end(feature, interval, above)
    }

    /// The row of a threshold in the staircase (`None`: the sentinel below the feature).
    pub fn row(&self, feature: usize, threshold: Option<usize>) -> usize {
        self.running.0 + 1 + self.layout.codes.row(feature, threshold)
    }

    /// Steps of the whole staircase.
    pub fn features(&self) -> usize {
        self.layout.codes.features()
    }

    /// Bits of a literal, and the largest code.
    pub fn literal_bits(&self) -> (u32, u64) {
        (self.layout.codes.literal_bits(), self.layout.codes.largest())
    }
}
