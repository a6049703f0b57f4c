// The worked example of the guide is a test itself.
import "../../docs/examples/timeouts.js"
