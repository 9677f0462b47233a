//! Where a tree keeps the values of its leaves, which depends on its kind and on XGBoost's version.

use super::Shape;
use crate::import::cursor::At;
use crate::import::error::{Fault, Refusal};

/// The values of the leaves of one tree.
#[derive(Debug)]
pub(super) struct Leaves {
    column: &'static str,
    numbers: Vec<f32>,
    width: usize,
    /// The leaf's `right_children` is its position; otherwise the node's id is.
    positions: bool,
}

impl Leaves {
    /// Scalars stand in `split_conditions`; vectors in `base_weights` (2.0 to 3.1) or, since 3.2, in
    /// `leaf_weights` at the position that stands in `right_children`.
    pub(super) fn read(tree: &At, vector: bool, nodes: usize, shape: Shape) -> Result<Self, Fault> {
        let apart = tree.get("leaf_weights")?;
        let (column, width) = match (vector, &apart) {
            (true, Some(_)) => ("leaf_weights", shape.outputs),
            (true, None) => ("base_weights", shape.outputs),
            (false, None) => ("split_conditions", 1),
            (false, Some(field)) => {
                let expected = "no leaf weights, as leaves are not vectors";
                return Err(field.fault(Refusal::Inconsistent, expected, "some"));
            }
        };
        let field = tree.field(column)?;
        if apart.is_none() {
            field.check_length(nodes * width, "node and output")?;
        }
        Ok(Self { column, numbers: field.floats()?, width, positions: apart.is_some() })
    }

    /// The values of leaf `id` of the tree at `place`; `right` is its entry in `right_children`.
    pub(super) fn at(&self, place: &str, id: usize, right: i64) -> Result<&[f32], Fault> {
        let fault = |column: &str, refusal, expected: &str, got: String| {
            let place = format!("{place}.{column}[{id}]");
            Fault::broken(refusal, &place, expected, got)
        };
        if !self.positions && right != -1 {
            let expected = "-1, as there is no left child";
            let got = right.to_string();
            return Err(fault("right_children", Refusal::Inconsistent, expected, got));
        }
        let position = if self.positions { usize::try_from(right).ok() } else { Some(id) };
        let start = position.and_then(|position| position.checked_mul(self.width));
        let values = start.and_then(|start| self.numbers.get(start..)?.get(..self.width));
        let values = values.ok_or_else(|| {
            let expected = "the position of a leaf in leaf_weights";
            fault("right_children", Refusal::OutOfRange, expected, right.to_string())
        })?;
        match values.iter().find(|value| !value.is_finite()) {
            Some(value) => {
                let expected = "a finite leaf value";
                Err(fault(self.column, Refusal::OutOfRange, expected, value.to_string()))
            }
            None => Ok(values),
        }
    }

    /// Refuses leaves that share values, and values without a leaf.
    pub(super) fn check_positions(
        &self,
        place: &str,
        rights: impl Iterator<Item = i64>,
    ) -> Result<(), Fault> {
        if !self.positions {
            return Ok(());
        }
        let mut positions: Vec<i64> = rights.collect();
        positions.sort_unstable();
        let all = self.numbers.len() == positions.len() * self.width;
        if !all || !(0i64..).zip(&positions).all(|(at, position)| at == *position) {
            let place = format!("{place}.leaf_weights");
            let expected = format!("{} values for each of {} leaves", self.width, positions.len());
            let got = format!("{} values, or a leaf without its own", self.numbers.len());
            return Err(Fault::broken(Refusal::Inconsistent, &place, expected, got));
        }
        Ok(())
    }
}
