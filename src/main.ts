/**
 * The binary: this bot's features, run by the command line.
 *
 * @module
 */
import { Layer } from "effect"
import * as Cli from "./cli/Cli.js"
import * as Help from "./features/Help.js"
import * as Ping from "./features/Ping.js"
import * as TryoutStore from "./features/tryouts/Store.js"
import * as Tryouts from "./features/tryouts/Tryouts.js"
import * as Userinfo from "./features/Userinfo.js"

const tryouts = Layer.provide(Tryouts.layer, TryoutStore.layerMemory)

Cli.run(Layer.mergeAll(Ping.layer, Help.layer, Userinfo.layer, tryouts))
