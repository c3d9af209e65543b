/** What a typed line asks for. */
export type Input =
  | { kind: 'text', text: string }
  | { kind: 'send', path: string }
  | { kind: 'members' }
  | { kind: 'history', limit: number }
  | { kind: 'help' }
  | { kind: 'quit' }
  | { kind: 'wrong', reason: string }
  | { kind: 'nothing' }

const DEFAULT_HISTORY = 20

export const INPUT_HELP = '/send <file>, /members, /history [n], /quit; a line that begins with // is sent with one /'

export function parseInput (line: string): Input {
  if (line.trim() === '') {
    return { kind: 'nothing' }
  }

  if (!line.startsWith('/')) {
    return { kind: 'text', text: line }
  }

  if (line.startsWith('//')) {
    return { kind: 'text', text: line.slice(1) }
  }

  const [, command, argument] = /^\/(\S*)\s*(.*?)\s*$/.exec(line) ?? []

  switch (command) {
    case 'send':
      return argument === '' ? { kind: 'wrong', reason: '/send needs the path of a file' } : { kind: 'send', path: argument }
    case 'history':
      return /^[1-9]\d{0,5}$|^$/.test(argument)
        ? { kind: 'history', limit: argument === '' ? DEFAULT_HISTORY : Number(argument) }
        : { kind: 'wrong', reason: `/history takes how many messages, not ${argument}` }
    case 'members':
    case 'help':
    case 'quit':
      return argument === '' ? { kind: command } : { kind: 'wrong', reason: `/${command} takes nothing behind it` }
    default:
      return { kind: 'wrong', reason: `there is no /${command}: ${INPUT_HELP}` }
  }
}
