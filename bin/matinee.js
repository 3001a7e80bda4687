#!/usr/bin/env node
// Builds once when dist/ is missing or stale (install scripts may be switched off), then hands over to the CLI.
import { existsSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (!((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22)) {
  console.error(
    `matinee needs Node 20.19+ or 22.12+; this is ${process.version}. Get one from https://nodejs.org`,
  );
  process.exit(1);
}
if (existsSync(new URL('../scripts/build.js', import.meta.url))) await import('../scripts/build.js');
await import('../dist/cli/main.js');
