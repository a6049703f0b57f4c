/**
 * The log: to standard error, `pretty` on a terminal, else one JSON object a line. Lines that a command caused
 * carry its name, its user and its interaction.
 *
 * @module
 */
import { Layer, Logger } from "effect"
import * as Subject from "../observe/Subject.js"
import type { Screen } from "./Screen.js"
import type { Settings } from "./Settings.js"

export const layer = (
  settings: Pick<Settings, "logFormat" | "logLevel">,
  screen: Screen,
): Layer.Layer<never> => {
  const terminal = process.stderr.isTTY
  const format = settings.logFormat ?? (terminal ? "pretty" : "json")
  const logger: Logger.Logger<unknown, void> =
    format === "json" ? Logger.map(Logger.jsonLogger, (line) => screen.err(line)) : pretty(terminal, screen)
  return Layer.merge(
    Logger.replace(Logger.defaultLogger, Subject.annotated(logger)),
    Logger.minimumLogLevel(settings.logLevel),
  )
}

const pretty = (colors: boolean, screen: Screen): Logger.Logger<unknown, void> => {
  const logger = Logger.prettyLogger({ colors, stderr: true, mode: "tty" })
  return Logger.make((options) => screen.around(() => logger.log(options)))
}
