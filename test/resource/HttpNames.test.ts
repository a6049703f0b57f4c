import { describe, expect, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { pbkdf2 } from "node:crypto"
import { createSocket } from "node:dgram"
import type { LookupAddress } from "node:dns"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import type { LookupFunction } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as HttpNames from "../../src/resource/http/Names.js"

/** A name server that knows some names; where it is, and what it was asked. */
const nameServer = (
  known: Readonly<Record<string, { readonly a?: string; readonly aaaa?: string }>>,
): Effect.Effect<{ readonly at: string; readonly asked: Array<string> }, never, Scope.Scope> =>
  Effect.gen(function* () {
    const asked: Array<string> = []
    const socket = yield* Effect.acquireRelease(
      Effect.sync(() => createSocket("udp4")),
      (socket) => Effect.sync(() => socket.close()),
    )
    socket.on("message", (query, { address, port }) => {
      const labels: Array<string> = []
      let at = 12
      for (let size = query[at] ?? 0; size > 0; size = query[at] ?? 0) {
        labels.push(query.toString("latin1", at + 1, at + 1 + size))
        at += size + 1
      }
      const question = query.subarray(12, at + 5)
      const type = query.readUInt16BE(at + 1)
      const name = labels.join(".")
      asked.push(`${type === 1 ? "A" : "AAAA"} ${name}`)
      const found = known[name]
      const data =
        type === 1 && found?.a !== undefined
          ? Buffer.from(found.a.split(".").map(Number))
          : type === 28 && found?.aaaa !== undefined
            ? Buffer.concat([Buffer.alloc(15), Buffer.from([1])])
            : undefined
      const head = Buffer.alloc(12)
      query.copy(head, 0, 0, 2)
      head.writeUInt16BE(found === undefined ? 0x8183 : 0x8180, 2)
      head.writeUInt16BE(1, 4)
      head.writeUInt16BE(data === undefined ? 0 : 1, 6)
      const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data?.length ?? 0])
      socket.send(
        Buffer.concat(data === undefined ? [head, question] : [head, question, record, data]),
        port,
        address,
      )
    })
    const port = yield* Effect.async<number>((resume) => {
      socket.bind(0, "127.0.0.1", () => resume(Effect.succeed(socket.address().port)))
    })
    return { at: `127.0.0.1:${port}`, asked }
  })

const all = (lookup: LookupFunction, name: string, family: 0 | 4 | 6 = 0) =>
  Effect.async<ReadonlyArray<string>, NodeJS.ErrnoException>((resume) => {
    lookup(name, { all: true, family }, (error, found) =>
      resume(
        error === null
          ? Effect.succeed((found as ReadonlyArray<LookupAddress>).map(({ address }) => address))
          : Effect.fail(error),
      ),
    )
  })

describe("the addresses of hosts", () => {
  it.live("come from the name servers, and from IPv4 alone where that is wanted", () =>
    Effect.gen(function* () {
      const { asked, at } = yield* nameServer({
        "both.example": { a: "127.0.0.9", aaaa: "::1" },
        "six.example": { aaaa: "::1" },
      })
      const lookup = yield* HttpNames.make({ nameServers: [at], hostsFile: "/nowhere" })
      expect((yield* all(lookup, "both.example"))[0]).toBe("127.0.0.9")
      expect(yield* all(lookup, "six.example")).toEqual(["::1"])
      expect(yield* all(lookup, "both.example", 6)).toEqual(["::1"])
      const four = yield* HttpNames.make({ nameServers: [at], hostsFile: "/nowhere", ipv4Only: true })
      asked.length = 0
      expect(yield* all(four, "both.example")).toEqual(["127.0.0.9"])
      expect(asked).toEqual(["A both.example"])
    }).pipe(Effect.scoped),
  )

  it.live("are literal, local, or in the hosts file, without a question", () =>
    Effect.gen(function* () {
      const directory = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "hosts-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true })),
      )
      const hostsFile = join(directory, "hosts")
      writeFileSync(hostsFile, "# all\n::2 Harbour\n127.0.0.5\tharbour pier # old\nnonsense x\n")
      const { asked, at } = yield* nameServer({})
      const lookup = yield* HttpNames.make({ nameServers: [at], hostsFile })
      expect(yield* all(lookup, "harbour")).toEqual(["127.0.0.5", "::2"])
      expect(yield* all(lookup, "PIER.")).toEqual(["127.0.0.5"])
      expect(yield* all(lookup, "localhost", 4)).toEqual(["127.0.0.1"])
      expect(yield* all(lookup, "::3")).toEqual(["::3"])
      expect(asked).toEqual([])
    }).pipe(Effect.scoped),
  )

  it.live("are not found where nobody knows them", () =>
    Effect.gen(function* () {
      const { at } = yield* nameServer({})
      const lookup = yield* HttpNames.make({ nameServers: [at], hostsFile: "/nowhere" })
      expect((yield* Effect.flip(all(lookup, "nobody.invalid"))).code).toMatch(/ENOTFOUND|EAI_AGAIN/u)
    }).pipe(Effect.scoped),
  )

  it.live("do not wait for the thread pool", () =>
    Effect.gen(function* () {
      const { at } = yield* nameServer({ "harbour.example": { a: "127.0.0.9" } })
      const lookup = yield* HttpNames.make({ nameServers: [at], hostsFile: "/nowhere" })
      let busy = 8
      const work = yield* Effect.fork(
        Effect.all(
          Array.from({ length: busy }, () =>
            Effect.async<void>((resume) => {
              pbkdf2("a", "b", 120_000, 64, "sha512", () => {
                busy--
                resume(Effect.void)
              })
            }),
          ),
          { concurrency: "unbounded" },
        ),
      )
      yield* Effect.yieldNow()
      expect(yield* all(lookup, "harbour.example", 4)).toEqual(["127.0.0.9"])
      // In the queue of its four threads five would have been over.
      expect(busy).toBeGreaterThanOrEqual(4)
      yield* work.await
    }).pipe(Effect.scoped),
  )
})
