/** What a terminal would obey instead of showing it, and what turns text around. */
const UNSAFE = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u
const WIDE = /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]$/u

/** Text from others as a terminal may have it: one line, nothing that it would obey. */
export function printable (text: string): string {
  return text.replaceAll(/\r?\n|\t/g, ' ').replaceAll(UNSAFE, '\ufffd')
}

/** Columns that a text takes; close enough to count rows by. */
export function textWidth (text: string): number {
  let width = 0

  for (const char of text) {
    width += ZERO_WIDTH.test(char) ? 0 : WIDE.test(char) ? 2 : 1
  }

  return width
}
