import type * as Offload from "bosun/Offload"
import type * as Primes from "./Primes.js"

export const primes: Offload.Work<typeof Primes.primes> = (below) => {
  let count = 0
  for (let n = 2; n < below; n++) {
    let prime = true
    for (let d = 2; d * d <= n && prime; d++) prime = n % d !== 0
    if (prime) count++
  }
  return count
}
