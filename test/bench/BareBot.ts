/**
 * The practical floor: a script of `ws` and an undici pool, without a library, limits, retries or time-outs.
 *
 * @module
 */
import { scheduler } from "node:timers/promises"
import { Pool } from "undici"
import { WebSocket } from "ws"
import { apiUrl, intents, listen } from "./Probe.js"

const { origin, pathname } = new URL(apiUrl)
const pool = new Pool(origin, { connections: 256 })
const headers = { "content-type": "application/json" }
const body = JSON.stringify({ type: 4, data: { content: "Pong!" } })

const nothing = (): void => {}

const reply = (id: string, token: string): void => {
  pool.dispatch(
    { method: "POST", path: `${pathname}/v10/interactions/${id}/${token}/callback`, headers, body },
    {
      onRequestStart: nothing,
      onResponseData: nothing,
      onResponseEnd: nothing,
      onResponseStart: (_, status) => {
        if (status >= 300) throw new Error(`The reply was answered with ${status}`)
      },
      onResponseError: (_, error) => {
        throw error
      },
    },
  )
}

interface Frame {
  readonly op: number
  readonly s: number | null
  readonly t: string | null
  readonly d: { readonly id: string; readonly token: string; readonly heartbeat_interval: number }
}

const { body: answer } = await pool.request({
  method: "GET",
  path: `${pathname}/v10/gateway/bot`,
  headers: { authorization: "Bot bench" },
})
const { url } = (await answer.json()) as { readonly url: string }
const socket = new WebSocket(`${url}/?v=10&encoding=json`, { perMessageDeflate: false })
let sequence: number | null = null
const heartbeat = async (interval: number): Promise<never> => {
  for (;;) {
    await scheduler.wait(interval)
    socket.send(JSON.stringify({ op: 1, d: sequence }))
  }
}
socket.on("message", (data) => {
  const frame = JSON.parse((data as Buffer).toString("utf8")) as Frame
  if (frame.s !== null) sequence = frame.s
  if (frame.t === "INTERACTION_CREATE") return reply(frame.d.id, frame.d.token)
  if (frame.op !== 10) return
  void heartbeat(frame.d.heartbeat_interval)
  const properties = { os: "linux", browser: "bare", device: "bare" }
  socket.send(JSON.stringify({ op: 2, d: { token: "bench", intents, properties } }))
})
listen()
