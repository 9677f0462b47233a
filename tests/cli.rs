//! The model commands from outside: results on stdout, errors with names, exit codes.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;

struct Bench {
    home: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::cargo_bin("veracast").unwrap();
        command.env("VERACAST_HOME", self.home.path()).env("NO_COLOR", "1").args(args);
        command.output().unwrap()
    }

    fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {stderr}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn refused(&self, args: &[&str], code: i32, names: &[&str]) {
        let output = self.run(args);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {stderr}{stdout}");
        for name in names {
            assert!(stderr.contains(name) || stdout.contains(name), "{name}: {stderr}{stdout}");
        }
        assert!(!stderr.contains("panicked"), "{stderr}");
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn path(&self, name: &str) -> String {
        self.home.path().join(name).to_str().unwrap().to_owned()
    }
}

const ROW: &str = "month,btc_price,unrelated,electricity_day_price,cost_2_months\n\
                   11,60637,x,5.54,332.4\n1,60637,y,-3,332.4\n6,60637,z,-500,332.4\n";

#[test]
fn predict_prints_one_line_per_row_and_matches_columns_by_name() {
    let bench = Bench::new();
    let inputs = bench.file("rows.csv", ROW);
    let text = bench.ok(&["predict", "--model", "models/btc-2-months", "--inputs", &inputs]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0], "horizon_months,amount_btc");
    assert!(lines[1].starts_with("2,0.00"), "{text}");
    assert_eq!(lines[3], "2,0", "a negative blend asks for nothing");
}

#[test]
fn what_predict_prints_is_what_prove_proves_and_verify_reads() {
    let bench = Bench::new();
    let inputs = bench.file("rows.csv", ROW);
    let (bundle, key) = (bench.path("b.json"), bench.path("m.vk"));
    let model = "models/btc-4-months";
    let predicted = bench.ok(&["predict", "--model", model, "--inputs", &inputs]);
    let amount = predicted.lines().nth(1).unwrap().split(',').nth(1).unwrap().to_owned();
    bench.ok(&["setup", model, "--out", &key]);
    bench.ok(&["prove", "--model", model, "--inputs", &inputs, "--row", "0", "--out", &bundle]);
    bench.refused(&["verify", &bundle, "--vk", &key], 1, &["worthless", "dev SRS"]);
    let verdict = bench.ok(&["--json", "verify", &bundle, "--vk", &key, "--allow-dev-srs"]);
    let verdict: serde_json::Value = serde_json::from_str(&verdict).unwrap();
    assert_eq!(verdict["valid"], true);
    assert_eq!(verdict["statement"][2]["value"], amount.as_str());

    let text = std::fs::read_to_string(&bundle).unwrap();
    let forged = bench.file("forged.json", &text.replace(&amount, "9.99"));
    bench.refused(&["verify", &forged, "--vk", &key, "--allow-dev-srs"], 1, &["amount"]);
    let at = text.find("\"proof\": \"0x").unwrap() + 60;
    let flipped = if &text[at..=at] == "0" { "1" } else { "0" };
    let mutated = format!("{}{flipped}{}", &text[..at], &text[at + 1..]);
    let mutated = bench.file("mutated.json", &mutated);
    bench.refused(&["verify", &mutated, "--vk", &key, "--allow-dev-srs"], 1, &["invalid"]);
}

#[test]
fn compile_says_what_is_public_and_how_exact() {
    let bench = Bench::new();
    let text = bench.ok(&["compile", "models/btc-5-months"]);
    for part in
        ["private electricity_day_price", "public  btc_price", "exact", "circuit", "width 2"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&bench.ok(&["compile", "models/btc-5-months", "--json"])).unwrap();
    assert_eq!(json["bound"], 0.0);
    assert_eq!(json["statement"][1]["name"], "amount");
}

#[test]
fn bare_files_are_predicted_missing_values_included() {
    let bench = Bench::new();
    let folder = Path::new("tests/fixtures/xgboost/3.2.0");
    let answers = std::fs::read_to_string(folder.join("exact.csv")).unwrap();
    assert!(answers.lines().any(|line| line.starts_with(',')), "a row with a missing value");
    let named = answers.replacen("x0,x1,x2,x3", "day_price,btc_price,month,ratio", 1);
    let inputs = bench.file("rows.csv", &named);
    let model = folder.join("exact.ubj");
    let text = bench.ok(&["predict", "--model", model.to_str().unwrap(), "--inputs", &inputs]);
    let (predicted, wanted) = (text.lines().skip(1), answers.lines().skip(1));
    assert_eq!(predicted.clone().count(), wanted.clone().count());
    for (predicted, wanted) in predicted.zip(wanted) {
        let margin: f64 = wanted.split(',').nth(4).unwrap().parse().unwrap();
        let exact: f64 = predicted.parse().unwrap();
        assert!((exact - margin).abs() < 1e-6 * margin.abs().max(1.0), "{predicted} {wanted}");
    }
}

#[test]
fn refusals_name_what_is_wrong_and_exit_as_documented() {
    let bench = Bench::new();
    let rows = bench.file("rows.csv", ROW);
    let model = "models/btc-2-months";
    let predict = |inputs: &str, names: &[&str]| {
        bench.refused(&["predict", "--model", model, "--inputs", inputs], 1, names);
    };
    predict("/nowhere.csv", &["/nowhere.csv"]);
    predict(&bench.file("a.csv", "month\n1\n"), &["btc_price", "cost_2_months"]);
    let head = "month,btc_price,electricity_day_price,cost_2_months\n";
    predict(&bench.file("b.csv", &format!("{head}13,60637,5,300\n")), &["row 0", "month"]);
    predict(&bench.file("c.csv", &format!("{head}1,6e4,5,300\n")), &["btc_price", "decimal"]);
    predict(&bench.file("d.csv", &format!("{head}1,60637,,300\n")), &["electricity_day_price"]);
    predict(&bench.file("e.csv", &format!("{head}1,60637,5.1234567,300\n")), &["decimal places"]);
    predict(&bench.file("f.json", "[{\"month\": 1}, 2]"), &["row 1"]);
    bench.refused(&["predict", "--model", "nothing", "--inputs", &rows], 1, &["nothing"]);
    let prove = ["prove", "--model", model, "--inputs", &rows, "--out", "x", "--row", "9"];
    bench.refused(&prove, 2, &["--row"]);
    bench.refused(&["setup", model, "--srs", "/no.ptau"], 1, &["/no.ptau"]);
    bench.refused(&["predict"], 2, &["--model"]);
    bench.refused(&["hedge", "--private-key", "0xabc"], 2, &["keystore"]);
    let garbage = bench.file("garbage.vk", "not a key");
    let bundle = bench.file("bundle.json", "{}");
    bench.refused(&["verify", &bundle, "--vk", &garbage], 1, &["not a bundle"]);
}

#[test]
fn a_damaged_srs_cache_is_noticed_and_made_again() {
    let bench = Bench::new();
    let key = bench.path("m.vk");
    let first = bench.ok(&["setup", "models/btc-2-months", "--out", &key]);
    let cached = std::fs::read_dir(bench.home.path().join("srs")).unwrap().next().unwrap().unwrap();
    let mut bytes = std::fs::read(cached.path()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(cached.path(), &bytes).unwrap();
    let second = bench.ok(&["setup", "models/btc-2-months", "--out", &key]);
    assert_eq!(first, second, "the same digest");
    assert_ne!(std::fs::read(cached.path()).unwrap(), bytes, "the cache was made again");
}
