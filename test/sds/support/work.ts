import { Session } from 'node:inspector/promises'

/**
 * Counts what work SDS does, where time would say more of the machine: how often the functions, branches
 * and loops of src/sds are run. What the engine does by itself, as copying an array, does not count.
 * Start it before the code is called for the first time: what is compiled already has no counters inside.
 */
export class WorkCounter {
  private constructor (private readonly session: Session) {}

  static async start (): Promise<WorkCounter> {
    const session = new Session()
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })

    return new WorkCounter(session)
  }

  async count (act: () => void): Promise<number> {
    // taking begins anew
    await this.session.post('Profiler.takePreciseCoverage')
    act()
    const { result } = await this.session.post('Profiler.takePreciseCoverage')

    return result
      .filter(({ url }) => url.includes('/src/sds/'))
      .flatMap(({ functions }) => functions)
      .flatMap(({ ranges }) => ranges)
      .reduce((sum, { count }) => sum + count, 0)
  }

  async stop (): Promise<void> {
    await this.session.post('Profiler.stopPreciseCoverage')
    this.session.disconnect()
  }
}
