//! Compiling: a trained file, with the spec of its folder or without, becomes a Program.

mod error;
mod head;
mod quantize;
mod row;
mod spec;

use std::path::{Path, PathBuf};

use sha3::{Digest, Keccak256};
use veracast_circuits::{Input, Interval, Op, Program, ProgramBuilder, ValueId};

pub use error::CompileError;
pub use head::{MONEY_DECIMALS, SATOSHI_DECIMALS};
pub use row::Row;
pub use spec::{HeadKind, Spec};

use crate::encoding::{Encoding, GREATEST_KEY, LEAST_KEY};
use crate::import;
use crate::model::Ensemble;
use head::{BtcInputs, Shown};
use quantize::{quantize, Column};
use spec::{DerivedSpec, InputSpec, Visibility};

/// An input as people state it.
#[derive(Clone, Debug)]
pub struct InputField {
    /// Name, as columns and options name it.
    pub name: String,
    /// Unit, for people.
    pub unit: String,
    /// How its text becomes an integer.
    pub encoding: Encoding,
    /// Declared range.
    pub range: Interval,
    /// Whether the statement shows it.
    pub public: bool,
    /// Whether it may be missing; its flag is then the Program's next input.
    pub may_be_missing: bool,
}

/// A value of the statement, after the binding.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PublicField {
    /// Name.
    pub name: String,
    /// Unit, for people.
    pub unit: String,
    /// How its integer reads in that unit.
    #[serde(flatten)]
    pub encoding: Encoding,
}

/// A compiled model.
#[derive(Clone, Debug)]
pub struct Model {
    /// The model's name.
    pub name: String,
    /// Months that the forecast covers, for the models of the hedge.
    pub horizon: Option<u8>,
    /// The integers that are proven.
    pub program: Program,
    /// Its inputs, in order.
    pub inputs: Vec<InputField>,
    /// The statement after the binding.
    pub publics: Vec<PublicField>,
    /// How many of the statement's values are outputs (they come first).
    pub outputs: usize,
    /// The value of the model's own first output, and its binary places.
    pub raw: (ValueId, u32),
    /// Largest difference from the real-number sum of the file's leaves; zero means exact.
    pub bound: f64,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// Opens a model folder (with a spec) or a bare trained file.
///
/// For a bare file, `missing` says whether its inputs may be missing.
///
/// # Errors
/// [`CompileError`] names the file and the place.
pub fn open(path: &Path, missing: bool) -> Result<Model, CompileError> {
    if path.is_dir() {
        folder(path)
    } else {
        bare(path, &import::read(path)?, missing)
    }
}

fn folder(path: &Path) -> Result<Model, CompileError> {
    let spec_path = path.join("spec.toml");
    let text = std::fs::read_to_string(&spec_path)
        .map_err(|source| CompileError::Io { path: spec_path.clone(), source })?;
    let spec: Spec = toml::from_str(&text)
        .map_err(|e| CompileError::SpecForm { path: spec_path, message: e.to_string() })?;
    let file = Path::new(&spec.file);
    let plain = file.components().count() == 1 && file.file_name().is_some();
    if !plain {
        return Err(bad("file", "the name of a file beside the spec", &spec.file));
    }
    with_spec(&spec, &import::read(&path.join(file))?)
}

fn bad(place: impl Into<String>, expected: &str, got: impl ToString) -> CompileError {
    CompileError::Spec { place: place.into(), expected: expected.into(), got: got.to_string() }
}

/// Compiles a bare trained file: its columns are public float32 inputs, its outputs are shown.
///
/// # Errors
/// [`CompileError`].
pub fn bare(path: &Path, ensemble: &Ensemble, missing: bool) -> Result<Model, CompileError> {
    let mut inputs = Vec::new();
    let mut fields = Vec::new();
    let mut values = Vec::new();
    for column in 0..ensemble.num_features {
        let named = ensemble.feature_names.as_ref().and_then(|names| names.get(column).cloned());
        let name = named.unwrap_or_else(|| format!("f{column}"));
        let range = Interval::new(LEAST_KEY, GREATEST_KEY);
        let owner = inputs.len();
        inputs.push(Input { name: name.clone(), range, public: true, missing_flag_of: None });
        if missing {
            inputs.push(Input {
                name: format!("{name}_missing"),
                range: Interval::new(0, 1),
                public: true,
                missing_flag_of: Some(owner),
            });
        }
        values.push(owner);
        fields.push(InputField {
            name,
            unit: String::new(),
            encoding: Encoding::F32,
            range,
            public: true,
            may_be_missing: missing,
        });
    }
    let mut builder = ProgramBuilder::new(inputs)?;
    let mut columns = Vec::with_capacity(fields.len());
    for (field, value) in fields.iter().zip(values) {
        columns.push(column_of(&mut builder, field, value)?);
    }
    let quantized = quantize(ensemble, &columns)?;
    let bits = quantized.bits;
    let first = builder.push(Op::Trees(quantized.ensemble))?;
    let outputs: Vec<ValueId> = (first..first + ensemble.num_outputs).collect();
    let name = path.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
    let shown = head::identity(&outputs, bits);
    let mut model = Model {
        name,
        horizon: None,
        program: empty()?,
        inputs: fields,
        publics: Vec::new(),
        outputs: outputs.len(),
        raw: (first, bits),
        bound: quantized.bound,
        notes: notes(ensemble),
    };
    model.finish(builder, shown)?;
    Ok(model)
}

/// The columns' values: with a missing flag, one below and one above every threshold.
fn column_of(
    builder: &mut ProgramBuilder,
    field: &InputField,
    value: ValueId,
) -> Result<Column, CompileError> {
    let Interval { lo, hi } = field.range;
    let (value, missing_left) = if field.may_be_missing {
        let flag = value + 1;
        let above = Op::Linear { terms: vec![(1, value), (hi + 1 - lo, flag)], constant: 0 };
        let below = Op::Linear { terms: vec![(1, value), (-1, flag)], constant: 0 };
        (builder.push(above)?, Some(builder.push(below)?))
    } else {
        (value, None)
    };
    Ok(Column { encoding: field.encoding, range: field.range, value, missing_left })
}

fn notes(ensemble: &Ensemble) -> Vec<String> {
    ensemble.output_note.iter().chain(&ensemble.notes).cloned().collect()
}

fn empty() -> Result<Program, CompileError> {
    let one = Op::Linear { terms: Vec::new(), constant: 0 };
    Ok(Program::new(Vec::new(), vec![one], vec![0], [0; 32])?)
}

/// Compiles a trained file under its spec.
///
/// # Errors
/// [`CompileError`] names the place in the spec.
pub fn with_spec(spec: &Spec, ensemble: &Ensemble) -> Result<Model, CompileError> {
    if spec.format != spec::FORMAT {
        let expected = format!("{} (this version's)", spec::FORMAT);
        return Err(bad("format", &expected, spec.format));
    }
    let fields = input_fields(spec)?;
    let inputs = fields.iter().map(|f| Input {
        name: f.name.clone(),
        range: f.range,
        public: f.public,
        missing_flag_of: None,
    });
    let mut builder = ProgramBuilder::new(inputs.collect())?;
    let mut named: Vec<(String, Column)> = Vec::new();
    for (value, field) in fields.iter().enumerate() {
        named.push((field.name.clone(), column_of(&mut builder, field, value)?));
    }
    for derived in &spec.derived {
        let column = derive(&mut builder, derived, &fields)?;
        named.push((derived.name.clone(), column));
    }
    let columns = spec
        .features
        .order
        .iter()
        .map(|name| {
            let found = named.iter().find(|(n, _)| n == name).map(|(_, column)| column.clone());
            found.ok_or_else(|| bad("features.order", "inputs and derived features", name))
        })
        .collect::<Result<Vec<_>, _>>()?;
    if columns.len() != ensemble.num_features {
        let expected = format!("the {} columns of {}", ensemble.num_features, spec.file);
        return Err(bad("features.order", &expected, columns.len()));
    }
    if let Some(names) = ensemble.feature_names.as_ref().filter(|n| **n != spec.features.order) {
        let expected = format!("{} as {} names them", names.join(", "), spec.file);
        return Err(bad("features.order", &expected, spec.features.order.join(", ")));
    }
    let quantized = quantize(ensemble, &columns)?;
    let bits = quantized.bits;
    let first = builder.push(Op::Trees(quantized.ensemble))?;
    let shown = match spec.head {
        HeadKind::Identity => {
            let outputs: Vec<ValueId> = (first..first + ensemble.num_outputs).collect();
            head::identity(&outputs, bits)
        }
        HeadKind::BtcAmount => btc_head(&mut builder, spec, ensemble, &fields, (first, bits))?,
    };
    let mut model = Model {
        name: spec.name.clone(),
        horizon: spec.horizon,
        program: empty()?,
        inputs: fields,
        publics: Vec::new(),
        outputs: shown.len(),
        raw: (first, bits),
        bound: quantized.bound,
        notes: notes(ensemble),
    };
    model.finish(builder, shown)?;
    Ok(model)
}

fn btc_head(
    builder: &mut ProgramBuilder,
    spec: &Spec,
    ensemble: &Ensemble,
    fields: &[InputField],
    (ratio, ratio_bits): (ValueId, u32),
) -> Result<Vec<Shown>, CompileError> {
    let options =
        spec.head_options.as_ref().ok_or_else(|| bad("head_options", "a table", "none"))?;
    let horizon = spec.horizon.filter(|h| (2..=5).contains(h));
    let horizon = horizon.ok_or_else(|| bad("horizon", "2, 3, 4 or 5", "another"))?;
    if ensemble.num_outputs != 1 {
        return Err(bad("head", "a model with one output", ensemble.num_outputs));
    }
    let money = |place: &str, name: &String, decimals: u32, public: bool| {
        let at = fields.iter().position(|f| &f.name == name);
        let at = at.ok_or_else(|| bad(format!("head_options.{place}"), "an input", name))?;
        let wanted = Encoding::Fixed { decimals };
        if fields[at].encoding != wanted || fields[at].public != public {
            let side = if public { "public" } else { "private" };
            let expected = format!("a {side} input with decimals = {decimals}");
            return Err(bad(format!("head_options.{place}"), &expected, name));
        }
        Ok(at)
    };
    let inputs = BtcInputs {
        ratio,
        ratio_bits,
        day_price: money("day_price", &options.day_price, MONEY_DECIMALS, false)?,
        cost_2_months: money("cost_2_months", &options.cost_2_months, MONEY_DECIMALS, false)?,
        price: money("price", &options.price, MONEY_DECIMALS, true)?,
        horizon,
    };
    let month = money("month", &options.month, 0, true)?;
    // The gate reads the statement by position: binding, horizon, amount, price, month.
    let publics: Vec<usize> = (0..fields.len()).filter(|f| fields[*f].public).collect();
    if publics != [inputs.price, month] {
        let got = publics.iter().map(|f| fields[*f].name.as_str()).collect::<Vec<_>>().join(", ");
        return Err(bad(
            "input",
            "the price and the month, in this order, as the public inputs",
            got,
        ));
    }
    head::btc_amount(builder, &inputs, options)
}

fn input_fields(spec: &Spec) -> Result<Vec<InputField>, CompileError> {
    let mut fields: Vec<InputField> = Vec::new();
    for input in &spec.inputs {
        if fields.iter().any(|f| f.name == input.name) {
            return Err(bad("input", "a name of its own for each", &input.name));
        }
        fields.push(input_field(input)?);
    }
    Ok(fields)
}

fn input_field(input: &InputSpec) -> Result<InputField, CompileError> {
    let place = |what: &str| format!("input {}, {what}", input.name);
    if input.decimals > 18 {
        return Err(bad(place("decimals"), "0 to 18", input.decimals));
    }
    let encoding = Encoding::Fixed { decimals: input.decimals };
    let bound = |what: &str, text: &String| {
        encoding.parse(text).map_err(|e| bad(place(what), "a number of its scale", e))
    };
    let range = Interval::new(bound("min", &input.min)?, bound("max", &input.max)?);
    if range.lo > range.hi {
        return Err(bad(place("max"), "at least min", &input.max));
    }
    Ok(InputField {
        name: input.name.clone(),
        unit: input.unit.clone(),
        encoding,
        range,
        public: input.visibility == Visibility::Public,
        may_be_missing: false,
    })
}

/// The largest magnitude of a derived feature: exact in float32 at every scale of 2^-bits.
const DERIVED_LIMIT: i128 = (1 << 24) - 1;

fn derive(
    builder: &mut ProgramBuilder,
    derived: &DerivedSpec,
    fields: &[InputField],
) -> Result<Column, CompileError> {
    let place = |what: &str| format!("derived {}, {what}", derived.name);
    let input = |what: &str, name: &String| {
        let at = fields.iter().position(|f| &f.name == name);
        at.ok_or_else(|| bad(place(what), "an input", name))
    };
    let (u, v) = (input("u", &derived.u)?, input("v", &derived.v)?);
    if derived.mul == 0 || derived.div == 0 {
        return Err(bad(place("mul, div"), "positive integers", "0"));
    }
    // q / 2^bits must be a normal float32 or zero: beyond 126 places it could be subnormal.
    if derived.bits > 100 {
        return Err(bad(place("bits"), "0 to 100, so that float32 is exact", derived.bits));
    }
    let scaled =
        |factor: u64, value| Op::Linear { terms: vec![(i128::from(factor), value)], constant: 0 };
    let num = builder.push(scaled(derived.mul, u))?;
    let den = builder.push(scaled(derived.div, v))?;
    let range = Interval::new(-DERIVED_LIMIT, DERIVED_LIMIT);
    let value =
        builder.push(Op::DivFloor { num, den, result: range, name: derived.name.clone() })?;
    let encoding = Encoding::Binary { bits: derived.bits };
    Ok(Column { encoding, range, value, missing_left: None })
}

impl Model {
    /// Closes the Program over the shown values and hashes what the integers mean.
    fn finish(&mut self, builder: ProgramBuilder, shown: Vec<Shown>) -> Result<(), CompileError> {
        let outputs: Vec<ValueId> = shown.iter().map(|s| s.value).collect();
        self.publics = shown
            .into_iter()
            .map(|s| PublicField { name: s.name, unit: s.unit, encoding: s.encoding })
            .collect();
        for field in self.inputs.iter().filter(|f| f.public) {
            let public =
                |name: String, encoding| PublicField { name, unit: field.unit.clone(), encoding };
            self.publics.push(public(field.name.clone(), field.encoding));
            if field.may_be_missing {
                let flag = Encoding::Fixed { decimals: 0 };
                self.publics.push(public(format!("{}_missing", field.name), flag));
            }
        }
        self.program = builder.finish(outputs, self.spec_hash())?;
        Ok(())
    }

    /// keccak-256 over names, units, encodings, ranges and visibility of inputs and statement.
    fn spec_hash(&self) -> [u8; 32] {
        let mut lines = vec![format!("veracast spec v1\nmodel {}", self.name)];
        for f in &self.inputs {
            let Interval { lo, hi } = f.range;
            lines.push(format!(
                "input {:?} {:?} {:?} {lo}..{hi} public={} missing={}",
                f.name, f.unit, f.encoding, f.public, f.may_be_missing
            ));
        }
        for p in &self.publics {
            lines.push(format!("public {:?} {:?} {:?}", p.name, p.unit, p.encoding));
        }
        Keccak256::digest(lines.join("\n")).into()
    }
}

/// The folder of a model named on the command line: a path, or a name under `models/`.
pub fn locate(name: &Path) -> PathBuf {
    let under = Path::new("models").join(name);
    if !name.exists() && under.is_dir() {
        under
    } else {
        name.to_path_buf()
    }
}
