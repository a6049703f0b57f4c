/**
 * The binary: this bot's features, run by the command line.
 *
 * @module
 */
import { Layer } from "effect"
import * as Cli from "./cli/Cli.js"
import * as Help from "./features/Help.js"
import * as Ping from "./features/Ping.js"
import * as Userinfo from "./features/Userinfo.js"

Cli.run(Layer.mergeAll(Ping.layer, Help.layer, Userinfo.layer))
