//! Objectives: how each one's `base_score` becomes a margin, and what its transform would have done.

use super::logarithm::ln;
use crate::import::cursor::At;
use crate::import::error::{Fault, Refusal};

/// How `base_score` is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    /// As the margin.
    Identity,
    /// As a probability.
    Logit,
    /// As a positive mean.
    Log,
}

/// An objective that is known: its link, and the transform of margins that `predict` applies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Objective {
    name: &'static str,
    link: Link,
    transform: Option<&'static str>,
}

const fn plain(name: &'static str) -> Objective {
    Objective { name, link: Link::Identity, transform: None }
}

const fn transformed(name: &'static str, link: Link, transform: &'static str) -> Objective {
    Objective { name, link, transform: Some(transform) }
}

// The same in all of 1.7 to 3.x; a new objective of a later version is refused until it is here.
const KNOWN: [Objective; 19] = [
    plain("reg:squarederror"),
    plain("reg:squaredlogerror"),
    plain("reg:pseudohubererror"),
    plain("reg:absoluteerror"),
    plain("reg:quantileerror"),
    plain("binary:logitraw"),
    plain("rank:pairwise"),
    plain("rank:ndcg"),
    plain("rank:map"),
    transformed("binary:hinge", Link::Identity, "the threshold at 0"),
    transformed("reg:logistic", Link::Logit, "the logistic transform"),
    transformed("binary:logistic", Link::Logit, "the logistic transform"),
    transformed("count:poisson", Link::Log, "the exponential"),
    transformed("reg:gamma", Link::Log, "the exponential"),
    transformed("reg:tweedie", Link::Log, "the exponential"),
    transformed("survival:cox", Link::Log, "the exponential"),
    transformed("survival:aft", Link::Log, "the exponential"),
    transformed("multi:softmax", Link::Identity, "the choice of the largest"),
    transformed("multi:softprob", Link::Identity, "the softmax transform"),
];

/// Where XGBoost's versions agree on the logit: since 3.2 it clips to this range.
const PROBABILITY: f32 = 1e-6;

impl Objective {
    /// Reads `learner.objective`.
    pub(super) fn read(objective: &At) -> Result<Self, Fault> {
        let field = objective.field("name")?;
        let name = field.text()?;
        KNOWN.into_iter().find(|known| known.name == name).ok_or_else(|| {
            let name: String = name.chars().take(64).collect();
            Fault::new(
                Refusal::Unsupported,
                &field.place,
                "an objective whose margin is known",
                format!("`{name}`"),
                "train with an objective such as reg:squarederror, binary:logistic or count:poisson",
            )
        })
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// What an output is, where it is not what `predict` answers.
    pub(super) fn note(&self) -> Option<String> {
        self.transform.map(|transform| format!("margin: {transform} is not applied"))
    }

    /// The base of each output as a margin, from one number for all outputs or one for each.
    pub(super) fn base(&self, field: &At, outputs: usize) -> Result<Vec<f64>, Fault> {
        let scores = field.numbers()?;
        if scores.len() != 1 && scores.len() != outputs {
            let expected = format!("1 number, or {outputs} as there are outputs");
            return Err(field.fault(Refusal::WrongLength, &expected, scores.len()));
        }
        let margins: Result<Vec<f64>, Fault> = scores
            .iter()
            .map(|score| {
                let margin = self.margin(*score).map(f64::from);
                margin.map_err(|expected| field.fault(Refusal::OutOfRange, expected, score))
            })
            .collect();
        let mut margins = margins?;
        if margins.len() == 1 {
            margins = vec![margins[0]; outputs];
        }
        Ok(margins)
    }

    /// XGBoost's `ProbToMargin`, in float32 as there, with a correctly rounded logarithm.
    fn margin(&self, score: f32) -> Result<f32, &'static str> {
        let margin = match self.link {
            Link::Identity if score.is_finite() => Some(score),
            Link::Identity => return Err("a finite number"),
            Link::Logit if (PROBABILITY..=1.0 - PROBABILITY).contains(&score) => {
                ln(1.0 / score - 1.0).map(|logarithm| -logarithm)
            }
            Link::Logit => return Err("a probability from 0.000001 to 0.999999"),
            Link::Log => ln(score),
        };
        // No negative zero.
        margin.map(|margin| margin + 0.0).ok_or("a positive finite number")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn margin(link: Link, score: f32) -> Option<f32> {
        Objective { name: "", link, transform: None }.margin(score).ok()
    }

    #[test]
    fn a_probability_becomes_the_margin_that_xgboost_computes() {
        assert_eq!(margin(Link::Logit, 0.5).map(f32::to_bits), Some(0));
        assert_eq!(margin(Link::Logit, 0.3), Some(-0.847_297_85));
        assert_eq!(margin(Link::Log, 0.5), Some(-std::f32::consts::LN_2));
        assert_eq!(margin(Link::Identity, -3.5), Some(-3.5));
    }

    #[test]
    fn scores_outside_their_range_are_refused() {
        for score in [0.0, 1.0, -0.1, 1.5, 1e-7, f32::NAN, f32::INFINITY] {
            assert_eq!(margin(Link::Logit, score), None, "{score}");
        }
        for score in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            assert_eq!(margin(Link::Log, score), None, "{score}");
        }
        assert_eq!(margin(Link::Identity, f32::NAN), None);
    }
}
