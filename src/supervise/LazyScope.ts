/**
 * A scope that is made only when something is added to it. Most commands acquire nothing, and making, and
 * providing a scope for each would cost more than the command itself.
 *
 * @module
 */
import { Effect, ExecutionStrategy, type Exit, Scope } from "effect"
import { pipeArguments } from "effect/Pipeable"

export class LazyScope implements Scope.Scope {
  readonly [Scope.ScopeTypeId]: Scope.ScopeTypeId = Scope.ScopeTypeId
  readonly strategy = ExecutionStrategy.sequential
  private real: Scope.CloseableScope | undefined

  private readonly open = Effect.suspend(() =>
    this.real === undefined
      ? Effect.tap(Scope.make(), (scope) => {
          this.real = scope
        })
      : Effect.succeed(this.real),
  )

  // Effect calls these two, which its public types leave out.
  fork(strategy: ExecutionStrategy.ExecutionStrategy): Effect.Effect<Scope.CloseableScope> {
    return Effect.flatMap(this.open, (scope) => Scope.fork(scope, strategy))
  }
  addFinalizer(finalizer: Scope.Scope.Finalizer): Effect.Effect<void> {
    return Effect.flatMap(this.open, (scope) => Scope.addFinalizerExit(scope, finalizer))
  }
  /** Whether anything was added. */
  isOpen(): boolean {
    return this.real !== undefined
  }
  /** Closes what was opened; nothing where nothing was. */
  close(exit: Exit.Exit<unknown, unknown>): Effect.Effect<void> {
    return this.real === undefined ? Effect.void : Scope.close(this.real, exit)
  }
  pipe() {
    // oxlint-disable-next-line prefer-rest-params -- how Effect's Pipeable is implemented
    return pipeArguments(this, arguments)
  }
}
