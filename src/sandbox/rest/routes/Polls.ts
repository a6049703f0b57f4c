/**
 * Routes of polls.
 *
 * @module
 */
import * as ApiError from "../../model/ApiError.js"
import * as Ballot from "../../world/Ballot.js"
import * as Content from "../../world/Content.js"
import { Form } from "../../form/Form.js"
import { at } from "./Messages.js"
import { Bit } from "../../world/Permissions.js"
import * as Polls from "../../world/Polls.js"
import { make, ok, type Route } from "../Route.js"
import * as Snowflake from "../../model/Snowflake.js"
import * as Wire from "../../world/Wire.js"

export const routes: ReadonlyArray<Route> = [
  make("GET", "/channels/:channel/polls/:message/answers/:answer", (call) => {
    const { channel, message } = at(call)
    call.world.needIn(channel, Bit.ReadMessageHistory)
    const form = Form.make()
    const size = form.at("limit").integer(call.query.get("limit") ?? undefined, 1, 100) ?? 25
    const after = form.at("after").snowflake(call.query.get("after") ?? undefined)
    if (message.poll === null) throw ApiError.notAPoll()
    const known = message.poll.answers.map(({ id }) => id)
    const answer = form.at("answer_id").integer(call.params.answer, 1, 255)
    form.at("answer_id").oneOf(answer, known)
    form.done()
    const users = [...Ballot.voters(message.poll, answer ?? 0)].sort(Snowflake.compare)
    const rest = after === undefined ? users : users.filter((id) => Snowflake.compare(id, after) > 0)
    return ok({ users: rest.slice(0, size).map((id) => Wire.user(call.world.user(id))) })
  }),
  make("POST", "/channels/:channel/polls/:message/expire", (call) => {
    const { channel, message } = at(call)
    if (message.poll !== null && message.authorId !== call.world.bot.id) throw ApiError.notTheAuthor()
    Polls.end(call.world, channel, message)
    return ok(Content.shown(call.world, message))
  }),
]
