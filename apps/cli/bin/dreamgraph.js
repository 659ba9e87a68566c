#!/usr/bin/env node
// The dreamgraph command. A file of its own, so that npm can link it before anything is built.
import { main } from '../dist/main.js'

await main(process.argv)
