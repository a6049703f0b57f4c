import { describe, expect, it } from "@effect/vitest"
import { Either } from "effect"
import * as fc from "effect/FastCheck"
import * as Question from "../../src/features/tryouts/Question.js"

const wrong = (text: string): string =>
  Either.match(Question.parse(text), {
    onLeft: ({ userText }) => userText,
    onRight: (found) => `taken: ${JSON.stringify(found)}`,
  })

describe("the language of questions", () => {
  it("has text, numbers, choices and files", () => {
    expect(
      Either.getOrThrow(
        Question.parse(
          "What is your name? (text 2-40); How old are you? (number 13-99); Position? (choice goalkeeper, striker); A clip? (file image/* video/*); Why (in short)?;",
        ),
      ),
    ).toEqual([
      { _tag: "Text", prompt: "What is your name?", min: 2, max: 40 },
      { _tag: "Number", prompt: "How old are you?", min: 13, max: 99 },
      { _tag: "Choice", prompt: "Position?", choices: ["goalkeeper", "striker"] },
      { _tag: "File", prompt: "A clip?", types: ["image/*", "video/*"] },
      { _tag: "Text", prompt: "Why (in short)?", min: 1, max: 1_000 },
    ])
  })

  it.each([
    ["", "`questions`: there must be 1 to 10 questions with a semicolon between them, there are 0."],
    [" ;; ; ", "`questions`: there must be 1 to 10 questions with a semicolon between them, there are 0."],
    [Array(11).fill("Why?").join(";"), "there are 11."],
    ["Name?; (text)", "Question 2 (`(text)`): there is no question before the brackets."],
    ["Age? (nummer 3)", 'Question 1 (`Age? (nummer 3)`): "nummer" is no kind of answer. Write `(text 2-40)`'],
    ["Age? ()", '"" is no kind of answer'],
    ["Name? (text 40-2)", '"40-2" is no length'],
    ["Name? (text 0-2)", '"0-2" is no length'],
    ["Name? (text 1-1001)", "at most 1000"],
    ["Age? (number 9-1)", '"9-1" is no range'],
    ["Age? (number 9)", '"9" is no range'],
    ["Side? (choice left)", "there must be 2 to 25 choices"],
    ["Side? (choice left, Left)", "two of its choices are the same"],
    ["Clip? (file mp4)", '"mp4" is no type of file'],
    [`${"x".repeat(201)}?`, "it has 202 characters; at most 200 are taken"],
  ])("names what is wrong: %s", (text, said) => expect(wrong(text)).toContain(said))

  it("takes a semicolon too many", () => {
    expect(Either.getOrThrow(Question.parse(";Name?;; Age?;;")).map(({ prompt }) => prompt)).toEqual([
      "Name?",
      "Age?",
    ])
  })

  const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9 ?!]{0,20}[A-Za-z0-9?!]$/u)
  const number = fc.integer({ min: -999_999, max: 999_999 }).map((n) => n / 100)
  const question: fc.Arbitrary<Question.Question> = fc.oneof(
    fc
      .tuple(word, fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 1_000 }))
      .map(([prompt, a, b]) => ({ _tag: "Text" as const, prompt, min: Math.min(a, b), max: Math.max(a, b) })),
    fc.tuple(word, number, number).map(([prompt, a, b]) => ({
      _tag: "Number" as const,
      prompt,
      min: Math.min(a, b),
      max: Math.max(a, b),
    })),
    word.map((prompt) => ({ _tag: "Number" as const, prompt })),
    fc
      .tuple(
        word,
        fc.uniqueArray(word, { minLength: 2, maxLength: 25, selector: (one) => one.toLowerCase() }),
      )
      .map(([prompt, choices]) => ({ _tag: "Choice" as const, prompt, choices })),
    fc
      .tuple(word, fc.uniqueArray(fc.constantFrom("image/*", "video/mp4", "application/pdf")))
      .map(([prompt, types]) => ({ _tag: "File" as const, prompt, types })),
  )

  it("reads what it prints", () => {
    fc.assert(
      fc.property(fc.array(question, { minLength: 1, maxLength: 10 }), (questions) => {
        const text = questions.map(Question.print).join("; ")
        expect(Either.getOrThrow(Question.parse(text))).toEqual(questions)
      }),
    )
  })

  it("throws for no text, and what it takes prints to what it takes again", () => {
    const nasty = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[a-z0-9;(),\- *]{0,40}$/u))
    fc.assert(
      fc.property(nasty, (text) => {
        const found = Question.parse(text)
        if (Either.isLeft(found)) {
          expect(found.left.userText).toMatch(/^(?:Question \d|`questions`)/u)
          return
        }
        const again = Question.parse(found.right.map(Question.print).join(";"))
        expect(Either.getOrThrow(again)).toEqual(found.right)
      }),
      { numRuns: 500 },
    )
  })
})
