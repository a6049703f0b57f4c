/**
 * What goes out as the body of a request: JSON, or multipart with the files beside it; and the nonce that makes
 * a message safe to repeat.
 *
 * Bodies are whole before they are sent, so that a repeated request sends the same bytes.
 *
 * @module
 */

export interface Body {
  readonly data: string | Uint8Array | null
  /** Undefined where there is no body. */
  readonly contentType: string | undefined
}

/** A file to upload. */
export interface File {
  readonly name: string
  readonly data: Uint8Array
  /** A media type; `application/octet-stream` by default. */
  readonly contentType?: string
}

/** One part of a multipart body. */
export interface Part {
  readonly field: string
  readonly data: string | Uint8Array
  readonly file?: { readonly name: string; readonly contentType: string }
}

export const none: Body = { data: null, contentType: undefined }

export const ofJson = (text: string): Body => ({ data: text, contentType: "application/json" })

/** Discord: the JSON goes as `payload_json`, each file as `files[n]`. */
export const ofFiles = (payload: string | undefined, files: ReadonlyArray<File>, boundary: string): Body =>
  ofParts(
    [
      ...(payload === undefined ? [] : [{ field: "payload_json", data: payload }]),
      ...files.map((file, n) => ({
        field: `files[${n}]`,
        data: file.data,
        file: { name: file.name, contentType: file.contentType ?? "application/octet-stream" },
      })),
    ],
    boundary,
  )

/** Multipart/form-data. `boundary` must not occur in the data: pass something random. */
export const ofParts = (parts: ReadonlyArray<Part>, boundary: string): Body => {
  const chunks: Array<Uint8Array> = []
  for (const part of parts) {
    const file = part.file
    chunks.push(
      Buffer.from(
        `--${boundary}\r\ncontent-disposition: form-data; name="${quoted(part.field)}"` +
          (file === undefined
            ? part.field === "payload_json"
              ? "\r\ncontent-type: application/json"
              : ""
            : `; filename="${quoted(file.name)}"\r\ncontent-type: ${file.contentType.replace(/[\r\n]/g, "")}`) +
          "\r\n\r\n",
      ),
      typeof part.data === "string" ? Buffer.from(part.data) : part.data,
      Buffer.from("\r\n"),
    )
  }
  chunks.push(Buffer.from(`--${boundary}--\r\n`))
  return { data: Buffer.concat(chunks), contentType: `multipart/form-data; boundary=${boundary}` }
}

/** The parts of a form that discord.js built. Reads its blobs, hence the promise. */
export const partsOf = async (form: FormData): Promise<Array<Part>> => {
  const parts: Array<Part> = []
  for (const [field, value] of form) {
    if (typeof value === "string") parts.push({ field, data: value })
    else {
      parts.push({
        field,
        data: new Uint8Array(await value.arrayBuffer()),
        file: { name: value.name, contentType: value.type === "" ? "application/octet-stream" : value.type },
      })
    }
  }
  return parts
}

/** As browsers escape names in a form. */
const quoted = (name: string): string => name.replace(/\r/g, "%0D").replace(/\n/g, "%0A").replace(/"/g, "%22")

/**
 * A message's JSON with a nonce that Discord enforces, so that sending it twice shows it once. `repeatable` is
 * false where the author chose a nonce without having it enforced: to enforce it then could swallow a message
 * that is meant to be sent again.
 */
export const withNonce = (
  payload: string,
  fresh: () => string,
): { readonly payload: string; readonly repeatable: boolean } => {
  // Inside a string value the quotes are escaped, so that a key's text can only be a key.
  if (payload.includes('"nonce":')) {
    const parsed: unknown = parse(payload)
    if (typeof parsed !== "object" || parsed === null) return { payload, repeatable: false }
    const message = parsed as Record<string, unknown>
    if (message["nonce"] === undefined || message["nonce"] === null) {
      return {
        payload: JSON.stringify({ ...message, nonce: fresh(), enforce_nonce: true }),
        repeatable: true,
      }
    }
    return { payload, repeatable: message["enforce_nonce"] === true }
  }
  if (!payload.startsWith("{")) return { payload, repeatable: false }
  const rest = payload
    .slice(1)
    .replace(/"enforce_nonce":(?:true|false|null),?/, "")
    .replace(/,\}$/, "}")
  const comma = rest.trimStart().startsWith("}") ? "" : ","
  return { payload: `{"nonce":"${fresh()}","enforce_nonce":true${comma}${rest}`, repeatable: true }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
