import { DatabaseSync } from 'node:sqlite'

class Database {
  #db

  constructor (path) {
    this.#db = new DatabaseSync(path)
  }

  defaultSafeIntegers () {}

  exec (sql) {
    this.#db.exec(sql)
  }

  prepare (sql) {
    const statement = this.#db.prepare(sql)
    statement.setReadBigInts(true)

    return statement
  }

  close () {
    this.#db.close()
  }
}

export { Database as default }
