/**
 * Something that can be chosen.
 *
 * @module
 */
export interface Item {
  readonly value: string
  readonly label: string
  readonly description?: string | undefined
  /** An emoji, or the address of a picture. */
  readonly sign?: string | undefined
  /** Of the label. */
  readonly color?: string | undefined
}
