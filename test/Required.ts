/** What must not be skipped where it is missing: `BOSUN_TEST_REQUIRE` names it, between commas. */
const names = (process.env["BOSUN_TEST_REQUIRE"] ?? "").split(/[\s,]+/u)

/** Whether its absence is a failure. */
export const isRequired = (what: "postgres" | "chromium"): boolean => names.includes(what)
