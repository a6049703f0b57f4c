/**
 * `/health`: how the bot is: its connections, its event loop, its database, what it leans on. For the bot's owner.
 *
 * What cannot be asked is told as such, and keeps nothing else from being shown. The event loop is there where a
 * `Watchdog` watches it.
 *
 * @module
 */
import type { APIEmbed, APIEmbedField } from "discord-api-types/v10"
import { Clock, Duration, Effect, Either, Layer, Metric, MetricState, Option } from "effect"
import * as Command from "../../command/Command.js"
import * as Policy from "../../command/Policy.js"
import { Client } from "../../discord/Client.js"
import * as Md from "../../interaction/Md.js"
import * as Reply from "../../interaction/Reply.js"
import { Watchdog } from "../../observe/Watchdog.js"
import { Database } from "../../resource/Database.js"
import { Http } from "../../resource/Http.js"
import { Offload } from "../../resource/Offload.js"
import { Rest } from "../../rest/Rest.js"
import { Jobs } from "../../supervise/Jobs.js"
import { Supervisor } from "../../supervise/Supervisor.js"

/** How long the database may take to answer. */
const PING = "3 seconds"

/** Discord: 1,024 characters in a field. */
const FIELD = 1_024

const GREEN = 0x57_a6_4a
const RED = 0xc0_39_2b

export const make = Effect.gen(function* () {
  const startedAt = yield* Clock.currentTimeMillis
  return Command.make(
    "health",
    {
      description: "Shows how the bot is: connections, event loop, database, memory",
      ephemeral: true,
      category: "Operator",
    },
    Effect.fnUntraced(function* () {
      const now = yield* Clock.currentTimeMillis
      const parts = [
        shards(yield* Client, now),
        loop(yield* Effect.serviceOption(Watchdog)),
        yield* database,
        { name: "REST", ok: true, text: `latency ${millis((yield* Rest).latency())}` },
        offload((yield* Offload).stats()),
        upstreams(yield* Http),
        yield* work,
        { name: "Commands", ok: true, text: outcomes() },
        memory(
          process.memoryUsage(),
          Duration.format(Duration.seconds(Math.round((now - startedAt) / 1_000))),
        ),
      ]
      return Reply.ephemeral(Reply.embed(embed(parts)))
    }),
  ).pipe(Policy.ownerOnly)
})

export const layer = Layer.unwrapEffect(Effect.map(make, (command) => Command.layer(command)))

/** One field. */
interface Part {
  readonly name: string
  readonly ok: boolean
  /** Markdown. */
  readonly text: string
}

const embed = (parts: ReadonlyArray<Part>): APIEmbed => {
  const ill = parts.filter(({ ok }) => !ok).map(({ name }) => name)
  return {
    title: ill.length === 0 ? "All is well" : `Not well: ${ill.join(", ")}`,
    color: ill.length === 0 ? GREEN : RED,
    fields: parts.map(({ name, text }): APIEmbedField => ({
      name,
      value: Md.cut(text === "" ? "none" : text, FIELD),
    })),
  }
}

const shards = (client: Client, now: number): Part => {
  const all = client.shards()
  return {
    name: "Gateway",
    ok: all.length > 0 && all.every(({ state }) => state === "Ready"),
    text: all
      .map(({ heartbeatLatency, id, lastAckAt, state }) => {
        const ack =
          lastAckAt === undefined ? "none acknowledged yet" : `acknowledged ${seconds(now - lastAckAt)} ago`
        return `shard ${id}: ${state.toLowerCase()}, heartbeat ${millis(heartbeatLatency)}, ${ack}`
      })
      .join("\n"),
  }
}

const loop = (watchdog: Option.Option<Watchdog>): Part =>
  Option.match(watchdog, {
    onNone: () => ({ name: "Event loop", ok: true, text: "not watched" }),
    onSome: (watchdog) => {
      const { max, p50, p99 } = watchdog.lag()
      const block = watchdog.last()
      const last =
        block === undefined
          ? ""
          : Md.text`\nThe last: ${millis(block.millis)}${block.by === undefined ? "" : `, by ${block.by.name}`}`
      return {
        name: "Event loop",
        ok: p99 < LATE,
        text: `late by ${millis(p50)} (half of the time), ${millis(p99)} (p99), ${millis(max)} at most; ${watchdog.blocks()} blocks${last}`,
      }
    },
  })

/** A loop that is later than this one time in a hundred is overworked. Milliseconds. */
const LATE = 100

const database = Effect.gen(function* () {
  const { kind, location, ping } = yield* Database
  const answer = yield* Effect.either(Effect.timeout(ping, PING))
  return {
    name: "Database",
    ok: Either.isRight(answer),
    text: Md.text`${kind} ${location}: ${Either.match(answer, {
      onLeft: ({ message }) => `does not answer: ${message}`,
      onRight: (took) => `answers within ${took.toFixed(1)} ms`,
    })}`,
  }
})

const offload = ({ running, threads, waiting }: ReturnType<Offload["stats"]>): Part => ({
  name: "Worker threads",
  ok: true,
  text: `${threads} threads, ${running} tasks running, ${waiting} waiting`,
})

const upstreams = (http: Http): Part => {
  const all = http.upstreams().map((upstream) => upstream.status())
  return {
    name: "Other services",
    ok: all.every(({ breaker }) => breaker === "closed"),
    text: all
      .map(({ breaker, name, running, waiting }) => {
        const state =
          breaker === "closed"
            ? "reachable"
            : breaker === "open"
              ? "does not answer, and rests"
              : "is tried again"
        return Md.text`${name}: ${state}, ${running} calls running, ${waiting} waiting`
      })
      .join("\n"),
  }
}

const work = Effect.gen(function* () {
  const roster = yield* (yield* Supervisor).roster
  const jobs = yield* (yield* Jobs).list
  const failing = jobs.filter(({ failures }) => failures > 0).map(({ name }) => name)
  const waits = roster.filter(({ kind }) => kind === "wait").length
  return {
    name: "Work",
    ok: failing.length === 0,
    text: Md.text`${roster.length - waits} tasks, ${waits} waits, ${jobs.length} jobs${
      failing.length === 0 ? "" : `; failing: ${failing.join(", ")}`
    }`,
  }
})

/** Since the start, most frequent first. */
const outcomes = (): string => {
  const counts = new Map<string, number>()
  for (const { metricKey, metricState } of Metric.unsafeSnapshot()) {
    if (metricKey.name !== "bosun_commands_total" || !MetricState.isCounterState(metricState)) continue
    for (const { key, value } of metricKey.tags)
      if (key === "outcome") counts.set(value, (counts.get(value) ?? 0) + Number(metricState.count))
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, count]) => `${count} ${outcome.replace("_", " ")}`)
    .join(", ")
}

const memory = ({ heapUsed, rss }: NodeJS.MemoryUsage, uptime: string): Part => ({
  name: "Process",
  ok: true,
  text: `up for ${uptime}, ${mib(rss)} in memory, ${mib(heapUsed)} of it JavaScript's heap`,
})

const mib = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`

const millis = (value: number | undefined): string =>
  value === undefined ? "not measured yet" : `${Math.round(value)} ms`

const seconds = (millis: number): string => `${Math.max(0, Math.round(millis / 1_000))} s`
