#!/usr/bin/env node
// Builds once when dist/ is missing or stale (install scripts may be switched off), then hands over to the CLI.
import './node-version.js';
import './packages.js';
import { existsSync } from 'node:fs';

if (existsSync(new URL('../scripts/build.js', import.meta.url))) await import('../scripts/build.js');
await import('../dist/cli/main.js');
