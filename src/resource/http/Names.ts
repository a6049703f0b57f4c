/**
 * Finds the addresses of hosts without the thread pool, in whose queue `dns.lookup` would wait behind files and
 * whatever else is slow.
 *
 * Literal addresses and `localhost` are answered at once, names in the system's hosts file from what it said when
 * this was made, all others by asking the name servers directly. Only where those know no such name, `dns.lookup` is
 * asked after all: it knows search domains and local networks.
 *
 * Of both families, IPv4 comes first; IPv6 addresses that are later than the IPv4 ones are not waited for.
 *
 * Drawbacks: nothing is remembered (connections are kept instead), and a hosts file that changes is not read again.
 *
 * @module
 */
import { Effect, type Scope } from "effect"
import * as Dns from "node:dns"
import { readFileSync } from "node:fs"
import { isIP, isIPv6, type LookupFunction } from "node:net"
import { platform } from "node:os"

export interface Options {
  /** Whether IPv6 is left out. Default false. */
  readonly ipv4Only?: boolean
  /** Name servers, as `address` or `address:port`. Default the system's. */
  readonly nameServers?: ReadonlyArray<string>
  /** Default the system's. */
  readonly hostsFile?: string
}

type Addresses = ReadonlyArray<Dns.LookupAddress>

/** How long a name server is waited for, in milliseconds, and how often it is asked. */
const PATIENCE = { timeout: 1_500, tries: 2 }

/** A `lookup` for `net.connect`. What is being asked at the end of the scope is given up. */
export const make = (options: Options = {}): Effect.Effect<LookupFunction, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const resolver = new Dns.Resolver(PATIENCE)
        if (options.nameServers !== undefined) resolver.setServers(options.nameServers)
        return resolver
      }),
      (resolver) => Effect.sync(() => resolver.cancel()),
    ),
    (resolver) => lookupWith(resolver, hostsOf(options.hostsFile), options.ipv4Only ?? false),
  )

const lookupWith =
  (resolver: Dns.Resolver, hosts: ReadonlyMap<string, Addresses>, ipv4Only: boolean): LookupFunction =>
  (hostname, { all, family: wanted }, callback) => {
    const family =
      ipv4Only || wanted === 4 || wanted === "IPv4" ? 4 : wanted === 6 || wanted === "IPv6" ? 6 : 0
    const give = (found: Addresses): boolean => {
      const fitting = found.filter((one) => family === 0 || one.family === family)
      const [first] = fitting
      if (first === undefined) return false
      if (all === true) callback(null, [...fitting])
      else callback(null, first.address, first.family)
      return true
    }
    const name = hostname.toLowerCase().replace(/\.$/u, "")
    // Later, as `net` expects it.
    const known = knownOf(name, hosts)
    if (known !== undefined && known.some((one) => family === 0 || one.family === family)) {
      process.nextTick(give, known)
      return
    }
    ask(resolver, name, family, (found) => {
      if (give(found)) return
      Dns.lookup(hostname, { family, all: true }, (error, list) => {
        if (error !== null) callback(error, [])
        else if (!give(list)) callback(notFound(hostname), [])
      })
    })
  }

const knownOf = (name: string, hosts: ReadonlyMap<string, Addresses>): Addresses | undefined => {
  const literal = isIP(name)
  if (literal !== 0) return [{ address: name, family: literal }]
  const listed = hosts.get(name)
  if (listed !== undefined) return listed
  return name === "localhost" || name.endsWith(".localhost") ? LOOPBACK : undefined
}

const LOOPBACK: Addresses = [
  { address: "127.0.0.1", family: 4 },
  { address: "::1", family: 6 },
]

/** Asks for both families at once. Gives an empty list where the name servers know none. */
const ask = (
  resolver: Dns.Resolver,
  name: string,
  family: 0 | 4 | 6,
  then: (found: Addresses) => void,
): void => {
  let six: Addresses | undefined = family === 4 ? [] : undefined
  let four: Addresses | undefined = family === 6 ? [] : undefined
  let done = false
  const check = () => {
    if (done || four === undefined || (four.length === 0 && six === undefined)) return
    done = true
    then([...four, ...(six ?? [])])
  }
  if (six === undefined)
    resolver.resolve6(name, (error, found) => {
      six = error === null ? found.map((address) => ({ address, family: 6 })) : []
      check()
    })
  if (four === undefined)
    resolver.resolve4(name, (error, found) => {
      four = error === null ? found.map((address) => ({ address, family: 4 })) : []
      check()
    })
}

const notFound = (hostname: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`no address was found for ${hostname}`), { code: "ENOTFOUND" })

/** Names in lower case with their addresses, IPv4 first. Empty where the file cannot be read. */
const hostsOf = (file = systemHosts()): ReadonlyMap<string, Addresses> => {
  const hosts = new Map<string, Array<Dns.LookupAddress>>()
  for (const line of linesOf(file)) {
    const [address = "", ...names] = line.replace(/#.*$/u, "").trim().split(/\s+/u)
    if (isIP(address) === 0) continue
    for (const name of names) {
      const key = name.toLowerCase()
      hosts.set(key, [...(hosts.get(key) ?? []), { address, family: isIPv6(address) ? 6 : 4 }])
    }
  }
  for (const list of hosts.values()) list.sort((a, b) => a.family - b.family)
  return hosts
}

const linesOf = (file: string): ReadonlyArray<string> => {
  try {
    return readFileSync(file, "utf8").split("\n")
  } catch {
    return []
  }
}

const systemHosts = (): string =>
  platform() === "win32" ? "C:\\Windows\\System32\\drivers\\etc\\hosts" : "/etc/hosts"
