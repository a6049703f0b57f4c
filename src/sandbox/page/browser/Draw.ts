/**
 * Drawing, at most once a frame however often it is asked for.
 *
 * @module
 */

/** Gives the function that asks for a drawing. */
export const make = (draw: () => void): (() => void) => {
  let asked = false
  const turn = () => {
    if (!asked) return
    asked = false
    draw()
  }
  return () => {
    if (asked) return
    asked = true
    // A hidden window has no frames, but a title that says how much is new.
    if (document.hidden) window.setTimeout(turn, 200)
    else requestAnimationFrame(turn)
  }
}
