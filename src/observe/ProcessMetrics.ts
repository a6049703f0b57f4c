/**
 * What the process itself takes, read when it is asked for: memory, CPU, age and what keeps it alive.
 *
 * The names are those that Prometheus' own clients use.
 *
 * @module
 */
import type { Family, Type } from "./Snapshot.js"

export const families = (): ReadonlyArray<Family> => {
  const memory = process.memoryUsage()
  const cpu = process.cpuUsage()
  const resources = new Map<string, number>()
  for (const name of process.getActiveResourcesInfo()) resources.set(name, (resources.get(name) ?? 0) + 1)
  return [
    one("process_resident_memory_bytes", "gauge", "Memory of the process that is in RAM", memory.rss),
    one("nodejs_heap_size_used_bytes", "gauge", "JavaScript heap in use", memory.heapUsed),
    one(
      "nodejs_heap_size_total_bytes",
      "gauge",
      "JavaScript heap that was taken from the system",
      memory.heapTotal,
    ),
    one(
      "nodejs_external_memory_bytes",
      "gauge",
      "Memory of native objects that JavaScript holds",
      memory.external,
    ),
    one("process_cpu_user_seconds_total", "counter", "CPU time in the program", cpu.user / 1_000_000),
    one(
      "process_cpu_system_seconds_total",
      "counter",
      "CPU time in the system on its behalf",
      cpu.system / 1_000_000,
    ),
    one("process_uptime_seconds", "gauge", "Age of the process", process.uptime()),
    one("process_start_time_seconds", "gauge", "When it began, in Unix time", performance.timeOrigin / 1_000),
    {
      name: "nodejs_active_resources",
      type: "gauge",
      help: "What keeps the process alive, by kind",
      series: [...resources]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([type, value]) => ({ suffix: "", labels: [["type", type]], value })),
    },
  ]
}

const one = (name: string, type: Type, help: string, value: number): Family => ({
  name,
  type,
  help,
  series: [{ suffix: "", labels: [], value }],
})
