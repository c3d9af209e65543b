/** Another process or tab has the store open. */
export class StoreLockedError extends Error {
  static name = 'StoreLockedError'
  name = 'StoreLockedError'
}

/** What is stored cannot be read back. Nothing was changed. */
export class StoreCorruptError extends Error {
  static name = 'StoreCorruptError'
  name = 'StoreCorruptError'
}

/** The store was written by a version of this library that is newer than this one. */
export class StoreVersionError extends Error {
  static name = 'StoreVersionError'
  name = 'StoreVersionError'
}

/** The store was closed or erased, and takes no more commits. */
export class StoreClosedError extends Error {
  static name = 'StoreClosedError'
  name = 'StoreClosedError'
}
