/**
 * What features enter so that another can ask all of them, without knowing of any.
 *
 * @module
 */
import { Effect, type Scope } from "effect"

export interface Registry<Part> {
  /** Enters a feature's part until the scope ends. */
  readonly register: (part: Part) => Effect.Effect<void, never, Scope.Scope>
  /** In the order of their names. */
  readonly parts: () => ReadonlyArray<Part>
}

export const make = <Part extends { readonly name: string }>(): Registry<Part> => {
  const parts = new Set<Part>()
  return {
    register: (part) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          parts.add(part)
        }),
        () => Effect.sync(() => parts.delete(part)),
      ),
    parts: () => [...parts].sort((a, b) => (a.name < b.name ? -1 : 1)),
  }
}
