/** Node.js or the browser lacks what libp2p needs. */
export class UnsupportedRuntimeError extends Error {
  static name = 'UnsupportedRuntimeError'
  name = 'UnsupportedRuntimeError'
}
