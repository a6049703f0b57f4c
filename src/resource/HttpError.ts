/**
 * What can go wrong with an upstream, on one page.
 *
 * @module
 */
import { Data, DateTime } from "effect"

interface Fields {
  readonly upstream: string
}

/** It could not be connected to, or the connection broke. */
export class HttpUnreachable extends Data.TaggedError("HttpUnreachable")<
  Fields & { readonly reason: string }
> {
  override get message() {
    return `${this.upstream} cannot be reached: ${this.reason}`
  }
  get userText() {
    return `${this.upstream} cannot be reached just now. Try again later.`
  }
}

/** It did not answer in time. */
export class HttpTimeout extends Data.TaggedError("HttpTimeout")<Fields & { readonly millis: number }> {
  override get message() {
    return `${this.upstream} did not answer within ${this.millis} ms`
  }
  get userText() {
    return `${this.upstream} did not answer in time. Try again later.`
  }
}

/** It answered with a status that is no answer to what was asked. */
export class HttpRefused extends Data.TaggedError("HttpRefused")<
  Fields & { readonly status: number; readonly body: string }
> {
  override get message() {
    return `${this.upstream} answered ${this.status}`
  }
  get userText() {
    return `${this.upstream} answered with an error (${this.status}).`
  }
}

/** Its limit, or our own for it, is used up for longer than the call may take. */
export class HttpLimited extends Data.TaggedError("HttpLimited")<Fields & { readonly retryAt: number }> {
  override get message() {
    return `${this.upstream} takes no more calls until ${isoOf(this.retryAt)}`
  }
  get userText() {
    return `The limit of ${this.upstream} is used up. Try again <t:${Math.ceil(this.retryAt / 1000)}:R>.`
  }
}

/** It has failed so often that it is not asked for a while. */
export class HttpBroken extends Data.TaggedError("HttpBroken")<Fields & { readonly retryAt: number }> {
  override get message() {
    return `${this.upstream} is not asked until ${isoOf(this.retryAt)}: it failed too often`
  }
  get userText() {
    return `${this.upstream} has not been answering. Try again <t:${Math.ceil(this.retryAt / 1000)}:R>.`
  }
}

/** Its answer is not what it should be: too big, not JSON, a redirect to elsewhere. */
export class HttpMalformed extends Data.TaggedError("HttpMalformed")<Fields & { readonly reason: string }> {
  override get message() {
    return `${this.upstream} sent what cannot be read: ${this.reason}`
  }
  get userText() {
    return `${this.upstream} sent an answer that could not be read.`
  }
}

/** The path that was asked for leaves the upstream's base URL: nothing was sent. */
export class HttpOutside extends Data.TaggedError("HttpOutside")<Fields & { readonly reason: string }> {
  override get message() {
    return `Nothing was sent to ${this.upstream}: ${this.reason}`
  }
  get userText() {
    return `That cannot be asked of ${this.upstream}.`
  }
}

export type HttpError =
  | HttpUnreachable
  | HttpTimeout
  | HttpRefused
  | HttpLimited
  | HttpBroken
  | HttpMalformed
  | HttpOutside

const isoOf = (epochMillis: number): string => DateTime.formatIso(DateTime.unsafeMake(epochMillis))
