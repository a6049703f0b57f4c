import { Effect, Layer } from "effect"
import * as Alarm from "bosun/Alarm"
import * as Inbox from "bosun/Inbox"
import * as Job from "bosun/Job"
import * as Listener from "bosun/Listener"
import * as Group from "bosun/Group"
import * as Service from "bosun/Service"
import * as Step from "bosun/Step"
import * as Supervisor from "bosun/Supervisor"

// @tasks.loop(minutes=5.0) with before_loop, after_loop and its own handling of errors. It begins when the bot is ready (no wait_until_ready),
// a run that fails is logged and leaves the schedule, and the third in a row tells the operator.
export const health = (check: Effect.Effect<string, Error>, said: Array<string>) =>
  Job.layer({
    name: "health",
    every: { fixed: "5 minutes" },
    first: Effect.sync(() => said.push("monitoring started")),
    run: Effect.map(check, (text) => said.push(text)),
    after: (exit) => Effect.sync(() => said.push(`${exit._tag}`)),
    alarmAfter: 3,
  })

// @tasks.loop(time=[…]): times of day in a zone, right when the clocks change.
export const status = (post: Effect.Effect<void>) =>
  Job.layer({ name: "status", at: ["09:00", "14:00", "19:00"], zone: "Europe/Berlin", run: post })

// on_member_join with asyncio.gather(…, return_exceptions=True): what fails leaves the others, and is told.
export const welcome = (
  greet: (name: string) => Effect.Effect<void, Error>,
  roles: (name: string) => Effect.Effect<void, Error>,
) =>
  Listener.layer("guildMemberAdd", (member) =>
    Group.collect({ greet: greet(member.displayName), roles: roles(member.displayName) }).pipe(
      Effect.tap((ends) =>
        Effect.forEach(Object.entries(ends), ([part, end]) =>
          end._tag === "Failure"
            ? Effect.logWarning(`${part} of the welcome failed`, end.cause)
            : Effect.void,
        ),
      ),
    ),
  )

// asyncio.Queue(maxsize=100) with put_nowait, QueueFull and a consumer that is cancelled at the end.
export const messages = (analyse: (text: string) => Effect.Effect<void, Error>) =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const inbox = yield* Inbox.make({
        name: "messages",
        capacity: 100,
        overflow: "drop oldest",
        concurrency: 4,
        key: (message: { readonly author: string; readonly text: string }) => message.author,
        handle: ({ text }) => analyse(text),
      })
      yield* Listener.each("messageCreate", ({ author, content }) => {
        inbox.offer({ author: author.id, text: content })
      })
    }),
  )

// asyncio.create_task(self.listen()) in __init__, which dies in silence: a service is restarted, and given up
// loudly.
export const feed = (listen: Effect.Effect<never, Error>) =>
  Service.layer({
    name: "feed",
    run: listen,
    intensity: { restarts: 5, within: "1 minute" },
    escalate: "alarm",
  })

// "monitor": asyncio.all_tasks() with an age for each. The roster is that list, with owner, state and deadline; what runs for long is
// named in the log by itself, and so is a single step that takes more than a second.
export const running = Effect.gen(function* () {
  const supervisor = yield* Supervisor.Supervisor
  const entries = yield* supervisor.roster
  return entries.map(({ kind, name, state }) => `${kind} ${name}: ${state}`)
})

export const slow = (ask: Effect.Effect<string, Error>) => Step.timed("ask the harbour master", ask)

// loop.slow_callback_duration = 0.1: the Watchdog, which the binary always has. It names the function and line
// that blocked. What only the operator can mend is raised:
export const raise = Effect.flatMap(Alarm.Alarm, (alarm) =>
  alarm.raise({ about: "disk", text: "The disk is full: make room in the data folder." }),
)
