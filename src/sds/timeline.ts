/**
 * The time that timers run in: it follows the wall clock while somebody is subscribed, stands
 * still while nobody is, and never steps back when the wall clock does.
 */
export class Timeline {
  /** ms, starting at 0 */
  now = 0
  /** false: stands still */
  online = true
  private wall: number

  constructor (wall: number) {
    this.wall = wall
  }

  /** Moves on to a wall clock reading, and answers the time. */
  advance (wall: number): number {
    if (this.online && wall > this.wall) {
      this.now += wall - this.wall
    }

    this.wall = wall

    return this.now
  }

  /** The wall clock reading at which `at` will be reached, if nothing stops it. */
  toWall (at: number): number {
    return this.wall + Math.max(0, Math.ceil(at - this.now))
  }
}
