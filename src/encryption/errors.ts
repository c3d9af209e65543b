/** A payload that carries our key tag is not authentic: it was altered, or belongs to another topic. */
export class DecryptionError extends Error {
  static name = 'DecryptionError'
  name = 'DecryptionError'
}

/** What was given to `createKeyring()` is neither a key nor an intact export. */
export class KeyringError extends Error {
  static name = 'KeyringError'
  name = 'KeyringError'
}

/** Signed content is malformed, or its signature does not hold for this channel, topic and sender. */
export class SignatureError extends Error {
  static name = 'SignatureError'
  name = 'SignatureError'
}

/** Content is properly signed, by somebody who is not a member. */
export class NotMemberError extends Error {
  static name = 'NotMemberError'
  name = 'NotMemberError'
}
