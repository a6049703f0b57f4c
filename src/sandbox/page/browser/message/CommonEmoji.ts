/**
 * Emoji that are chosen often.
 *
 * @module
 */
/** Common emoji with the names that one finds them by. */
export const common: ReadonlyArray<readonly [emoji: string, name: string]> = [
  ["👍", "thumbsup"],
  ["👎", "thumbsdown"],
  ["❤️", "heart"],
  ["😂", "joy"],
  ["😄", "smile"],
  ["😮", "open_mouth"],
  ["😢", "cry"],
  ["😡", "rage"],
  ["🤔", "thinking"],
  ["🎉", "tada"],
  ["🔥", "fire"],
  ["👀", "eyes"],
  ["🙏", "pray"],
  ["👋", "wave"],
  ["👏", "clap"],
  ["💯", "100"],
  ["✅", "white_check_mark"],
  ["❌", "x"],
  ["⭐", "star"],
  ["⚓", "anchor"],
  ["🚀", "rocket"],
  ["🐛", "bug"],
  ["☕", "coffee"],
  ["🤖", "robot"],
]
