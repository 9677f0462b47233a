#!/usr/bin/env node
// Writes what the Rust build needs of our own contracts to artifacts/, so that building needs neither Node nor forge.
//
//   FOUNDRY_PROFILE=release forge build --force && node bin/artifacts.mjs           writes artifacts/*.json
//   FOUNDRY_PROFILE=release forge build --force && node bin/artifacts.mjs --check   exit 1 if they differ
//
// One file per deployable contract of src/ and src/local/: name, source, compiler settings, ABI, creation code,
// runtime code, and the places of each immutable in the runtime code, by name.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const built = path.join(root, "out", "release");
const committed = path.join(root, "artifacts");

/** All of forge's output files, as [path, parsed]. */
function outputs() {
  if (!fs.existsSync(built)) {
    throw new Error(`no compiled contracts in ${built}; run \`FOUNDRY_PROFILE=release forge build --force\` in contracts/`);
  }
  return fs
    .readdirSync(built, { recursive: true })
    .filter((name) => name.endsWith(".json") && !name.startsWith("build-info"))
    .sort()
    .map((name) => JSON.parse(fs.readFileSync(path.join(built, name), "utf8")))
    .filter((output) => output.metadata?.settings?.compilationTarget);
}

/** Names of the state variables of a syntax tree, by id: immutables are listed by id alone. */
function collectNames(node, names) {
  if (Array.isArray(node)) node.forEach((child) => collectNames(child, names));
  else if (node && typeof node === "object") {
    if (node.nodeType === "VariableDeclaration" && node.stateVariable) names.set(String(node.id), node.name);
    Object.values(node).forEach((child) => collectNames(child, names));
  }
}

/** {"fee": [{start, length}, ...], ...}, names and places in order. */
function immutables(output, names) {
  const named = Object.entries(output.deployedBytecode.immutableReferences ?? {}).map(([id, places]) => {
    if (!names.has(id)) throw new Error(`an immutable (id ${id}) without a declaration: compile with ast = true`);
    const sorted = places.map(({ start, length }) => ({ start, length })).sort((a, b) => a.start - b.start);
    return [names.get(id), sorted];
  });
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The committed form, in a fixed order of keys. */
function artifact(output, names) {
  const { settings, compiler } = output.metadata;
  const [[source, contractName]] = Object.entries(settings.compilationTarget);
  if (Object.keys(output.bytecode.linkReferences ?? {}).length > 0) {
    throw new Error(`${contractName} links an external library; this project deploys single contracts only`);
  }
  return {
    contractName,
    source,
    compiler: compiler.version,
    evmVersion: settings.evmVersion,
    optimizerRuns: settings.optimizer.runs,
    viaIR: settings.viaIR ?? false,
    abi: output.abi,
    bytecode: output.bytecode.object,
    deployedBytecode: output.deployedBytecode.object,
    immutables: immutables(output, names),
  };
}

/** JSON with one line per field, entry of the ABI and immutable: short, and a change shows where it is. */
function lines(entry) {
  const line = ([key, value]) => {
    if (Array.isArray(value)) return `"${key}": [\n  ${value.map((item) => JSON.stringify(item)).join(",\n  ")}\n ]`;
    if (typeof value !== "object") return `${JSON.stringify(key)}: ${JSON.stringify(value)}`;
    const inner = Object.entries(value).map(([name, places]) => `"${name}": ${JSON.stringify(places)}`);
    return `"${key}": {\n  ${inner.join(",\n  ")}\n }`;
  };
  return `{\n ${Object.entries(entry).map(line).join(",\n ")}\n}\n`;
}

/** Map from file name to contents. */
function artifacts() {
  const all = outputs();
  const names = new Map();
  all.forEach((output) => collectNames(output.ast, names));
  const files = new Map();
  for (const output of all) {
    const source = Object.keys(output.metadata.settings.compilationTarget)[0];
    const ours = /^src\/(local\/)?[A-Za-z0-9]+\.sol$/.test(source);
    if (!ours || output.bytecode.object === "0x") continue;
    const entry = artifact(output, names);
    files.set(`${entry.contractName}.json`, lines(entry));
  }
  return files;
}

/** Names of files that are missing, different or left over. */
function differences(files) {
  const present = fs.existsSync(committed) ? fs.readdirSync(committed).filter((name) => name.endsWith(".json")) : [];
  const stale = present.filter((name) => !files.has(name));
  const changed = [...files].filter(
    ([name, text]) => !present.includes(name) || fs.readFileSync(path.join(committed, name), "utf8") !== text,
  );
  return [...stale, ...changed.map(([name]) => name)].sort();
}

const files = artifacts();
if (process.argv.includes("--check")) {
  const differ = differences(files);
  if (differ.length > 0) {
    console.error(`artifacts: expected a fresh compile's files, got others: ${differ.join(", ")}; run without --check and commit`);
    process.exit(1);
  }
  console.log(`artifacts: ${files.size} files equal a fresh compile`);
} else {
  fs.mkdirSync(committed, { recursive: true });
  differences(files).filter((name) => !files.has(name)).forEach((name) => fs.rmSync(path.join(committed, name)));
  for (const [name, text] of files) fs.writeFileSync(path.join(committed, name), text);
  console.log(`artifacts: wrote ${[...files.keys()].join(", ")}`);
}
