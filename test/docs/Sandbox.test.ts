/** The example of docs/sandbox.md runs as it is. */
import "../../docs/examples/sandbox.js"
