/**
 * The page's own pictures, drawn in place. They say nothing to a screen reader: whatever holds one has a name.
 *
 * @module
 */
import { svg, html, type TemplateResult } from "lit"

const paths = {
  hash: svg`<path d="M9.5 4 7.5 20M16.5 4l-2 16M4.5 9h16M3.5 15h16" />`,
  news: svg`<path d="M4 10v4h3l8 4V6l-8 4zM18 9.5a4 4 0 0 1 0 5M7.5 14l1.5 5" />`,
  voice: svg`<path d="M4 9.5v5h3.5L13 19V5L7.5 9.5zM16.5 9a4.2 4.2 0 0 1 0 6M19 6.5a8 8 0 0 1 0 11" />`,
  forum: svg`<path d="M4 5h12v8H9l-3 3v-3H4zM19 9v8h-1v3l-3-3h-5" />`,
  thread: svg`<path d="M6 4v8a4 4 0 0 0 4 4h8M14.500 12l4 4-4 4" />`,
  direct: svg`<path d="M4 6h16v12H4zM4 7l8 6 8-6" />`,
  pin: svg`<path d="M9 4h6l-1 6 3 3H7l3-3zM12 13v7" />`,
  people: svg`<circle cx="9" cy="9" r="3.2" /><path d="M3 19c.5-3.600 2.700-5 6-5s5.500 1.400 6 5M16 6.300a3 3 0 0 1 0 5.600M18 14.600c1.700.7 2.700 2 3 4.400" />`,
  tools: svg`<path d="M8 7 3 12l5 5M16 7l5 5-5 5M13.500 5l-3 14" />`,
  menu: svg`<path d="M4 7h16M4 12h16M4 17h16" />`,
  plus: svg`<path d="M12 5v14M5 12h14" />`,
  close: svg`<path d="M6 6l12 12M18 6 6 18" />`,
  sun: svg`<circle cx="12" cy="12" r="4" /><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600 7 7M17 17l1.400 1.400M5.600 18.400 7 17M17 7l1.400-1.400" />`,
  moon: svg`<path d="M19 14.500A7.500 7.500 0 0 1 9.500 5a7.500 7.500 0 1 0 9.500 9.500z" />`,
  chevron: svg`<path d="m7 10 5 5 5-5" />`,
  window: svg`<path d="M14 4h6v6M20 4l-8 8M17 14v6H4V7h6" />`,
  pause: svg`<path d="M8 5v14M16 5v14" />`,
  play: svg`<path d="M7 5v14l12-7z" />`,
  bin: svg`<path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13" />`,
  archive: svg`<path d="M4 5h16v4H4zM5.500 9v10h13V9M10 13h4" />`,
  keys: svg`<path d="M3 7h18v10H3zM7 10h.01M10.500 10h.01M14 10h.01M17 10h.01M8 14h8" />`,
  anchor: svg`<circle cx="12" cy="5.500" r="2" /><path d="M12 7.500V20M8 11h8M5 14c0 4 3 6 7 6s7-2 7-6" />`,
} as const

export type Name = keyof typeof paths

export const icon = (name: Name): TemplateResult =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${paths[name]}</svg>`
