/**
 * An agent for libraries that know no Discord but one behind TLS: it says that it is one for https, and opens a
 * plain socket to the sandbox, whatever host and port are asked for.
 *
 * What comes in one piece with the answer to an upgrade is handed on a turn later, as it would come from afar:
 * seyfert's WebSocket loses it otherwise, and with it the gateway's hello.
 *
 * @module
 */
import * as Https from "node:https"
import * as Net from "node:net"

export class PlainAgent extends Https.Agent {
  constructor(port: number) {
    super({ keepAlive: false })
    // Node asks the agent for its sockets; its types do not name the method.
    Object.assign(this, { createConnection: () => inPieces(Net.connect(port, "127.0.0.1")) })
  }
}

const inPieces = (socket: Net.Socket): Net.Socket => {
  const push = socket.push.bind(socket)
  socket.push = (chunk: unknown) => {
    const end = Buffer.isBuffer(chunk) ? chunk.indexOf("\r\n\r\n") : -1
    if (!Buffer.isBuffer(chunk) || end < 0) return push(chunk)
    // Only once: what follows is the library's own.
    socket.push = push
    push(chunk.subarray(0, end + 4))
    const rest = chunk.subarray(end + 4)
    if (rest.length === 0) return true
    const kept = [rest]
    socket.push = (later: unknown) => (Buffer.isBuffer(later) ? kept.push(later) > 0 : push(later))
    setImmediate(() => {
      socket.push = push
      for (const piece of kept) push(piece)
    })
    return true
  }
  return socket
}
