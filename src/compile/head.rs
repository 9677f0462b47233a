//! Heads: what is done with a model's outputs. They stand here and nowhere else.

use veracast_circuits::{Interval, Op, ProgramBuilder, ValueId};

use super::spec::HeadOptions;
use super::CompileError;
use crate::encoding::{Encoding, EncodingError};

/// A value of the statement, and how it reads in plain units.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) encoding: Encoding,
    pub(crate) value: ValueId,
}

/// Decimal places of an amount: satoshi.
pub const SATOSHI_DECIMALS: u32 = 8;
/// Decimal places of money: 1e-6 USD.
pub const MONEY_DECIMALS: u32 = 6;

/// The model's own outputs, `n / 2^bits` each.
pub(crate) fn identity(outputs: &[ValueId], bits: u32) -> Vec<Shown> {
    let shown = |(index, value): (usize, &ValueId)| Shown {
        name: format!("output_{index}"),
        unit: String::new(),
        encoding: Encoding::Binary { bits },
        value: *value,
    };
    outputs.iter().enumerate().map(shown).collect()
}

/// Values that the head `btc-amount` reads.
pub(crate) struct BtcInputs {
    /// The model's output r, `n / 2^bits`.
    pub(crate) ratio: ValueId,
    pub(crate) ratio_bits: u32,
    pub(crate) day_price: ValueId,
    pub(crate) cost_2_months: ValueId,
    pub(crate) price: ValueId,
    pub(crate) horizon: u8,
}

/// `amount = ceil(78125 N max(420 e + 13 c2, 0) R / (2048 price))` satoshi.
///
/// With money in 1e-6 USD, `b = 0.35 e + 0.65 c2 / 60 = (420 e + 13 c2) / 1200` USD per day times
/// 1e6, `R = r 2^16` and `1e8` satoshi per BTC, the amount is
/// `30 N b r / price = 30 N (420 e + 13 c2) R 1e8 / (1200 2^16 price)`, which reduces to the above.
/// `R` is the floor of the model's output, clipped.
pub(crate) fn btc_amount(
    builder: &mut ProgramBuilder,
    inputs: &BtcInputs,
    options: &HeadOptions,
) -> Result<Vec<Shown>, CompileError> {
    let spec = |place: &str, expected: &str, got: String| CompileError::Spec {
        place: format!("head_options.{place}"),
        expected: expected.into(),
        got,
    };
    if options.output_bits != 16 {
        return Err(spec("output_bits", "16", options.output_bits.to_string()));
    }
    let clip = |text: &String| -> Result<i128, CompileError> {
        let fail = |e: EncodingError| spec("clip", "a decimal number", e.to_string());
        let thousandths = Encoding::Fixed { decimals: 3 }.parse(text).map_err(fail)?;
        if (thousandths << 16) % 1000 == 0 {
            Ok((thousandths << 16) / 1000)
        } else {
            Err(spec("clip", "a multiple of 2^-16", text.clone()))
        }
    };
    let (lo, hi) = (clip(&options.clip[0])?, clip(&options.clip[1])?);
    if lo <= 0 || lo >= hi {
        return Err(spec("clip", "two ascending positive numbers", options.clip.join(", ")));
    }
    let floored = floor_to(builder, inputs.ratio, inputs.ratio_bits, 16)?;
    let ratio = builder.push(Op::Clip { x: floored, lo, hi })?;
    let blend = builder.push(Op::Linear {
        terms: vec![(420, inputs.day_price), (13, inputs.cost_2_months)],
        constant: 0,
    })?;
    let greatest = builder.interval(blend).hi.max(1);
    let positive = builder.push(Op::Clip { x: blend, lo: 0, hi: greatest })?;
    let product = builder.push(Op::Mul { a: positive, b: ratio })?;
    let factor = 78_125 * i128::from(inputs.horizon);
    let num = builder.push(Op::Linear { terms: vec![(factor, product)], constant: 0 })?;
    let den = builder.push(Op::Linear { terms: vec![(2048, inputs.price)], constant: 0 })?;
    let most = builder.interval(num).hi / builder.interval(den).lo.max(1) + 1;
    let amount = builder.push(Op::DivCeil {
        num,
        den,
        result: Interval::new(0, most),
        name: "amount".into(),
    })?;
    let months = Op::Linear { terms: Vec::new(), constant: i128::from(inputs.horizon) };
    let horizon = builder.push(months)?;
    let shown = |name: &str, unit: &str, decimals, value| Shown {
        name: name.into(),
        unit: unit.into(),
        encoding: Encoding::Fixed { decimals },
        value,
    };
    Ok(vec![
        shown("horizon", "months", 0, horizon),
        shown("amount", "BTC", SATOSHI_DECIMALS, amount),
    ])
}

/// `floor(x 2^(to - from))`.
fn floor_to(
    builder: &mut ProgramBuilder,
    x: ValueId,
    from: u32,
    to: u32,
) -> Result<ValueId, CompileError> {
    if from <= to {
        let terms = vec![(1i128 << (to - from), x)];
        return Ok(builder.push(Op::Linear { terms, constant: 0 })?);
    }
    let divisor = 1i128 << (from - to);
    let range = builder.interval(x);
    let result = Interval::new(range.lo.div_euclid(divisor), range.hi.div_euclid(divisor));
    let den = builder.push(Op::Linear { terms: Vec::new(), constant: divisor })?;
    Ok(builder.push(Op::DivFloor { num: x, den, result, name: "model output".into() })?)
}
