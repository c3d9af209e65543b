import { createRequire } from 'node:module'
import { cac } from 'cac'
import { chat } from './chat/command.js'
import { describeError, UsageError } from './errors.js'
import { isSet, listOption, numberOption, textOption } from './options.js'
import { rendezvous } from './rendezvous/command.js'
import type { CliIo } from './io.js'
import type { CAC } from 'cac'

const { version } = createRequire(import.meta.url)('holdfast/package.json') as { version: string }

/** Runs the command line and gives the exit code. */
export async function run (args: string[], io: CliIo): Promise<number> {
  try {
    return await dispatch(args, io)
  } catch (err) {
    // a person who ends it before it has begun is no failure
    if (io.signal.aborted) {
      return 0
    }

    io.stderr.write(`holdfast: ${describeError(err)}\n`)

    if (isSet(args, 'debug') && err instanceof Error) {
      io.stderr.write(`${err.stack ?? ''}\n`)
    }

    return err instanceof UsageError ? 2 : 1
  }
}

async function dispatch (args: string[], io: CliIo): Promise<number> {
  const cli = commandLine(args, io)

  try {
    cli.parse(['node', 'holdfast', ...args], { run: false })

    if (isSet(args, 'help', 'h') || isSet(args, 'version', 'v')) {
      return 0
    }

    if (cli.matchedCommand == null) {
      if (cli.args.length > 0) {
        throw new UsageError(`there is no command ${cli.args[0]}; see holdfast --help`)
      }

      cli.outputHelp()

      return 2
    }

    cli.matchedCommand.checkUnknownOptions()
    cli.matchedCommand.checkOptionValue()
    cli.matchedCommand.checkRequiredArgs()
    cli.matchedCommand.checkUnusedArgs()
  } catch (err) {
    throw err instanceof Error && err.name === 'CACError' ? new UsageError(`${err.message}; see holdfast --help`) : err
  }

  return await (cli.runMatchedCommand() as Promise<number>)
}

/** Values are read from `args`: cac turns what looks like a number into one. */
function commandLine (args: string[], io: CliIo): CAC {
  const cli = cac('holdfast')

  cli.usage('<command> [options]\n\n  Reliable channels between peers: `holdfast rendezvous` lets peers find each other,\n  `holdfast chat` talks to them.\n\n  Exit code: 0 when all went well, 1 when something failed, 2 when the command line is not\n  right, 130 when it was interrupted twice. What went wrong is one line on stderr.')
  cli.option('--debug', 'Show the stack of an error')
  cli.help()
  cli.version(version)

  cli.command('rendezvous', 'Run a rendezvous point, where peers find each other')
    .usage('rendezvous [options]\n\n  Runs until it is interrupted. Prints "listening <multiaddr>" for each address: that is\n  what peers are given. It sees which peers look for each other, and nothing of what they say.')
    .option('--data <folder>', 'Keep identity and registrations here; without it both end with the process')
    .option('--listen <multiaddr>', 'Address to listen on, repeatable (default: /ip4/0.0.0.0/tcp/8710)')
    .option('--announce <multiaddr>', 'Address to tell others instead of those listened on, repeatable')
    .option('--max-registrations <n>', 'Registrations held in all; further ones are refused (default: 100000)')
    .option('--metrics <port>', 'Serve Prometheus metrics on 127.0.0.1, path /metrics; 0 takes any port')
    .option('--verbose', 'Print one line for each event')
    .example('  $ holdfast rendezvous --data ./point --listen /ip4/0.0.0.0/tcp/8710')
    .action(async () => await rendezvous({
      data: textOption(args, 'data'),
      listen: listOption(args, 'listen'),
      announce: listOption(args, 'announce'),
      maxRegistrations: numberOption(args, 'max-registrations', { min: 1 }),
      metrics: numberOption(args, 'metrics', { min: 0, max: 65_535 }),
      verbose: isSet(args, 'verbose')
    }, io))

  cli.command('chat <channel>', 'Join a channel; lines typed are sent to its members')
    .usage(`chat <channel> --rendezvous <multiaddr> [options]

  Everybody who gives the same channel, passphrase and rendezvous point meets there. The
  channel is encrypted with the passphrase and every message is signed by its author.
  The passphrase comes from --secret, from the variable HOLDFAST_SECRET (which other users
  of the machine do not see), or is asked for.

  On a terminal each of your lines shows what became of it: queued, sent, delivered to n.
  Without one, lines are read from standard input and every event is printed as one line of
  fields separated by tabs: joined, queued, sent, delivered, failed, received, file, progress,
  status, member, history, notice, error, left. At the end of the input it waits up to 60 s for
  deliveries; the exit code is 1 when something was not delivered.

  /send <file>   send a file; what others send is saved in <folder>/files
  /members       who is there
  /history [n]   the last messages
  /quit          leave
  //text         send a line that begins with a slash`)
    .option('--rendezvous <multiaddr>', 'Rendezvous point, ending in /p2p/<peer ID>, repeatable; one must answer')
    .option('--name <name>', 'What others see beside your lines (default: the end of your peer ID)')
    .option('--secret <passphrase>', 'Passphrase of the channel')
    .option('--plaintext', 'Do not encrypt: everybody who knows the channel can read it')
    .option('--data <folder>', 'Keep identity, messages and files here; without it nothing is kept')
    .option('--listen <multiaddr>', 'Address to listen on, repeatable (default: /ip4/0.0.0.0/tcp/0)')
    .example('  $ holdfast chat tea --rendezvous /ip4/127.0.0.1/tcp/8710/p2p/12D3Koo... --name Alice --data ./alice')
    .action(async () => await chat(cli.args[0], {
      rendezvous: listOption(args, 'rendezvous'),
      name: textOption(args, 'name'),
      secret: textOption(args, 'secret'),
      plaintext: isSet(args, 'plaintext'),
      data: textOption(args, 'data'),
      listen: listOption(args, 'listen')
    }, io))

  return cli
}
