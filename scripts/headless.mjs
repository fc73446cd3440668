#!/usr/bin/env node
import { bundle } from './bundle.mjs';

const { main } = await import(await bundle('src/headless/main.ts'));
process.exitCode = await main(process.argv.slice(2));
