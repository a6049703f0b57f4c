/**
 * Texts that several forms share: such as must not be blank, and addresses.
 *
 * @module
 */
import type { Form } from "./Form.js"

/** A text that must be there and not be blank: as Discord asks for it in embeds. */
export const filled = (form: Form, value: unknown, max: number): string => {
  if (value === undefined || value === null || (typeof value === "string" && value.trim() === "")) {
    form.required()
    return ""
  }
  return form.text(value, { max }) ?? ""
}

/** Schemes of pages, and of media that may be a file of the message. */
export const schemes = { page: ["http", "https"], media: ["http", "https", "attachment"] } as const

/** An address with one of the schemes, or `undefined` where it is absent. At most 2,048 characters. */
export const url = (
  form: Form,
  value: unknown,
  allowed: ReadonlyArray<string>,
  max = 2048,
): string | undefined => {
  const text = form.text(value, { max })
  if (text === undefined) return undefined
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(text)?.[1]?.toLowerCase() ?? text
  if (!allowed.includes(scheme)) {
    const list = allowed.map((one) => `'${one}'`).join(", ")
    form.fail(
      "URL_TYPE_INVALID_SCHEME",
      `Scheme "${scheme.slice(0, 100)}" is not supported. Scheme must be one of (${list}).`,
    )
    return undefined
  }
  if (scheme === "attachment" ? text.length > "attachment://".length : URL.canParse(text)) return text
  form.fail("URL_TYPE_INVALID_URL", "Not a well formed URL.")
  return undefined
}
