import { systemClock } from '../../clock.js'
import type { Clock } from '../../clock.js'
import type { CalculatedMetricOptions, CalculateMetric, Counter, CounterGroup, Histogram, HistogramGroup, Metric, MetricGroup, MetricOptions, Metrics, Summary, SummaryGroup } from '@libp2p/interface'

type Kind = 'counter' | 'gauge' | 'summary'
type Values = Record<string, number>

/** The key of a family's value that has no label. */
const UNLABELLED = ''

/** Label values of one family: those that peers can bring about must not grow without end. */
const MAX_LABELS = 1_000

/** One name and its values by label. */
class Family {
  readonly name: string
  readonly kind: Kind
  readonly help: string
  readonly label: string
  private readonly clock: Clock
  private readonly isGroup: boolean
  private readonly values = new Map<string, { value: number, count: number }>()
  calculate?: () => Promise<Values>

  constructor (name: string, kind: Kind, isGroup: boolean, options: MetricOptions, clock: Clock) {
    this.name = name.replaceAll(/[^a-zA-Z0-9_:]/g, '_')
    this.kind = kind
    this.help = options.help ?? name
    this.label = (options.label ?? name).replaceAll(/[^a-zA-Z0-9_]/g, '_')
    this.isGroup = isGroup
    this.clock = clock
    this.reset()
  }

  set (key: string, value: number): void {
    this.at(key).value = value
  }

  add (key: string, value: number): void {
    const entry = this.at(key)

    entry.value += value
    entry.count++
  }

  /** What has no label is there from the start: where a counter appears with its first event, a rate misses that one. */
  reset (): void {
    this.values.clear()

    if (!this.isGroup) {
      this.set(UNLABELLED, 0)
    }
  }

  timer (key: string): () => void {
    const start = this.clock.now()

    return () => { this.add(key, (this.clock.now() - start) / 1000) }
  }

  /** The text exposition format, version 0.0.4. */
  async lines (): Promise<string[]> {
    for (const [key, value] of Object.entries(await this.calculate?.() ?? {})) {
      this.set(key, value)
    }

    const out = [`# HELP ${this.name} ${escape(this.help)}`, `# TYPE ${this.name} ${this.kind}`]

    for (const [key, { value, count }] of this.values) {
      const label = key === UNLABELLED ? '' : `{${this.label}="${escape(key).replaceAll('"', '\\"')}"}`

      out.push(...this.kind === 'summary'
        ? [`${this.name}_sum${label} ${value}`, `${this.name}_count${label} ${count}`]
        : [`${this.name}${label} ${value}`])
    }

    return out
  }

  private at (key: string): { value: number, count: number } {
    const known = this.values.get(key)

    if (known != null) {
      return known
    }

    // beyond the bound all further labels count as one
    const name = this.values.size < MAX_LABELS ? key : 'other'
    const entry = this.values.get(name) ?? { value: 0, count: 0 }

    this.values.set(name, entry)

    return entry
  }
}

/**
 * libp2p's metrics as Prometheus text. Histograms and summaries give sum and count. Connections
 * and streams are not traced.
 */
export class PrometheusMetrics implements Metrics {
  private readonly families = new Map<string, Family>()
  private readonly clock: Clock

  constructor (clock: Clock = systemClock) {
    this.clock = clock
  }

  async text (): Promise<string> {
    const lines = await Promise.all([...this.families.values()].map(async family => await family.lines()))

    return `${lines.flat().join('\n')}\n`
  }

  trackMultiaddrConnection (): void {}
  trackProtocolStream (): void {}
  createTrace (): undefined {}

  traceFunction<F> (name: string, fn: F): F {
    return fn
  }

  registerMetric (name: string, options: CalculatedMetricOptions): void
  registerMetric (name: string, options?: MetricOptions): Metric
  registerMetric (name: string, options: MetricOptions = {}): Metric {
    return single(this.family(name, 'gauge', false, options))
  }

  registerMetricGroup (name: string, options: CalculatedMetricOptions<Values>): void
  registerMetricGroup (name: string, options?: MetricOptions): MetricGroup
  registerMetricGroup (name: string, options: MetricOptions = {}): MetricGroup {
    return group(this.family(name, 'gauge', true, options))
  }

  registerCounter (name: string, options: CalculatedMetricOptions): void
  registerCounter (name: string, options?: MetricOptions): Counter
  registerCounter (name: string, options: MetricOptions = {}): Counter {
    return single(this.family(name, 'counter', false, options))
  }

  registerCounterGroup (name: string, options: CalculatedMetricOptions<Values>): void
  registerCounterGroup (name: string, options?: MetricOptions): CounterGroup
  registerCounterGroup (name: string, options: MetricOptions = {}): CounterGroup {
    return group(this.family(name, 'counter', true, options))
  }

  registerHistogram (name: string, options: CalculatedMetricOptions): void
  registerHistogram (name: string, options?: MetricOptions): Histogram
  registerHistogram (name: string, options: MetricOptions = {}): Histogram {
    return single(this.family(name, 'summary', false, options))
  }

  registerHistogramGroup (name: string, options: CalculatedMetricOptions<Values>): void
  registerHistogramGroup (name: string, options?: MetricOptions): HistogramGroup
  registerHistogramGroup (name: string, options: MetricOptions = {}): HistogramGroup {
    return group(this.family(name, 'summary', true, options))
  }

  registerSummary (name: string, options: CalculatedMetricOptions): void
  registerSummary (name: string, options?: MetricOptions): Summary
  registerSummary (name: string, options: MetricOptions = {}): Summary {
    return single(this.family(name, 'summary', false, options))
  }

  registerSummaryGroup (name: string, options: CalculatedMetricOptions<Values>): void
  registerSummaryGroup (name: string, options?: MetricOptions): SummaryGroup
  registerSummaryGroup (name: string, options: MetricOptions = {}): SummaryGroup {
    return group(this.family(name, 'summary', true, options))
  }

  private family (name: string, kind: Kind, isGroup: boolean, options: MetricOptions & { calculate?: CalculateMetric<number | Values> }): Family {
    const family = this.families.get(name) ?? new Family(name, kind, isGroup, options, this.clock)
    const { calculate } = options

    if (calculate != null) {
      family.calculate = async () => {
        const value = await calculate()

        return typeof value === 'number' ? { [UNLABELLED]: value } : value
      }
    }

    this.families.set(name, family)

    return family
  }
}

function single (family: Family): Metric & Histogram {
  return {
    update: value => { family.set(UNLABELLED, value) },
    increment: (value = 1) => { family.add(UNLABELLED, value) },
    decrement: (value = 1) => { family.add(UNLABELLED, -value) },
    observe: value => { family.add(UNLABELLED, value) },
    reset: () => { family.reset() },
    timer: () => family.timer(UNLABELLED)
  }
}

function group (family: Family): MetricGroup & HistogramGroup {
  const each = (values: Partial<Record<string, number | true>>, fn: (key: string, value: number) => void): void => {
    Object.entries(values).forEach(([key, value]) => { fn(key, value === true ? 1 : value ?? 0) })
  }

  return {
    update: values => { each(values, (key, value) => { family.set(key, value) }) },
    increment: values => { each(values, (key, value) => { family.add(key, value) }) },
    decrement: values => { each(values, (key, value) => { family.add(key, -value) }) },
    observe: values => { each(values, (key, value) => { family.add(key, value) }) },
    reset: () => { family.reset() },
    timer: key => family.timer(key)
  }
}

function escape (text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}
