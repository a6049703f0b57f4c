import type { Effect } from "effect"
import { report, drawn, total } from "./Total.js"
export const a: number = report
export const b: number = drawn
export const c: number = total
export type X = Effect.Effect<1>
