#!/usr/bin/env node
// All checks of the contracts, in order: two builds, the committed artifacts, the tests, their gas.
//
//   node bin/test.mjs [arguments for `forge test`]
//
// forge is VERACAST_FORGE, else the one of tools/evm, else the one on PATH. Set FORGE_SNAPSHOT_CHECK=false to write
// new gas figures to snapshots/ instead of comparing with them.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const local = path.join(root, "..", "tools", "evm", "node_modules", ".bin", "forge");
const forge = process.env.VERACAST_FORGE || (fs.existsSync(local) ? local : "forge");

/** Runs one step and stops at the first that fails. */
function step(program, args, env = {}) {
  const { status, error } = spawnSync(program, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  if (error) console.error(`${program}: ${error.message}; install forge 1.7.1 or set VERACAST_FORGE`);
  if (status !== 0) process.exit(status ?? 1);
}

step(forge, ["build"], { FOUNDRY_PROFILE: "uniswap" });
step(forge, ["build", "--force"], { FOUNDRY_PROFILE: "release" });
step(process.execPath, [path.join("bin", "artifacts.mjs"), "--check"]);
step(forge, ["test", ...process.argv.slice(2)]);
