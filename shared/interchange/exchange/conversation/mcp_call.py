"""A call that takes several rounds of its model: the tools of MCP servers are called in between.

connect, list -> (hold -> send -> answer -> call tools)* -> settle

Each round is held before it is sent, and charged for itself. What ends the turn early leaves it whole, to be gone on
with: a cap, the time, a balance that cannot carry the next round, a vendor that fails between two rounds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from interchange.continuity.memory import Collector
from interchange.dataclass import replace
from interchange.exchange.attempt_failed import AttemptFailed, usable
from interchange.exchange.call import Call
from interchange.exchange.hold import extend
from interchange.exchange.record import Outcome, Record
from interchange.exchange.services import Services
from interchange.exchange.settle import used
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.failure import RequestError
from interchange.hub.fold import unfold
from interchange.hub.mcp import Called
from interchange.metering.prices import charge_all
from interchange.metering.rows import Round
from interchange.rounds.history import Approved, read_history, with_result
from interchange.rounds.results import Room
from interchange.rounds.toolset import Toolset, toolset
from interchange.rounds.turn import Ask, Turn
from interchange.wire import codec

from .bound import measure, output_floor
from .losses import LossReport
from .mcp_lane import Show
from .mcp_plan import Plan, counting
from .mcp_sessions import Sessions
from .recall import recalled
from .routes import routes

ROUND_SECONDS = 15.0
"""A round is begun only where so much time is left."""
MARGIN_SECONDS = 5.0
"""Kept back from a tool's time, so that the turn can still end in good order."""
AT_A_TIME = 8
"""Calls of one round that run side by side."""
OWN = "own"
"""The turn ends as its last round did."""
Ending = e.StopReason | str


class RoundsCall(Call):
    """Overrides what a call sends, not how: each round is tried, timed and heard like any other call."""

    plan: Plan
    sessions: Sessions
    room: Room
    turn: Turn
    show: Show
    report: LossReport
    messages: list[b.Message]
    states: dict[str, bytes]
    begun_ms: int

    @classmethod
    def made(
        cls, services: Services, record: Record, plan: Plan, headers: Mapping[str, str], deadline: float
    ) -> RoundsCall:
        call = cls(services, record, [], headers, deadline)
        limits = plan.mcp.limits
        call.plan = plan
        call.sessions = Sessions(services, plan.mcp, record.request_id)
        call.room = Room(limits.result_bytes, limits.call_bytes)
        call.turn = Turn(Toolset({}), record.request_id)
        call.show = Show(plan.caller.server, plan.caller.envelope, call.turn, plan.caller.stream)
        call.messages, call.states, call.begun_ms = [], {}, 0
        return call

    async def _serve(self) -> tuple[Outcome, bytes]:
        report = LossReport(self.plan.caller.server, self.plan.caller.body)
        try:
            with report.refusals():
                await self._prepare()
                return await self._rounds()
        except RequestError as refused:
            return Outcome("upstream_error", refused.failure, refused.failure), b""
        finally:
            await self.sessions.close()

    async def _prepare(self) -> None:
        """The servers' tools, the history without MCP, and the calls that the caller has approved since."""
        plan = self.plan
        listed = await self.sessions.listed(plan.servers)
        self.turn.toolset = toolset(listed, plan.request, plan.mcp.limits.tools)
        self.report = plan.report(self.turn.toolset)
        history = read_history(plan.request, self.turn.toolset.named)
        blocks = [block for message in history.messages for block in message.content]
        self.turn.toolset.loaded |= {block.name for block in blocks if isinstance(block, b.ToolUse)}
        request = replace(plan.bare(), messages=history.messages)
        found = routes(self.services, plan.model, plan.caller.server.protocol, request)
        request, _ = await recalled(self.services, self.record.principal.account_id, None, found, request)
        self.messages = list(request.messages)
        for server, tools in listed:
            if plan.shows_tools and server.pinned is None:
                offered = [tool for tool in tools if server.offers(tool) and "" not in tool.faults]
                self.show.before += self.turn.listed(server.name, offered)
        await self._make_approved(history.approved)

    async def _make_approved(self, approved: tuple[Approved, ...]) -> None:
        for one in approved:
            called = await self._call(one.server, one.tool, one.call)
            self.sessions.note(one.server, one.tool, called)
            self.show.before += self.turn.made(one.call, one.server, one.tool, one.request)
            self.show.before += self.turn.resulted(one.call.id, called)
            self.messages = with_result(self.messages, _result(one.call, called))

    async def _rounds(self) -> tuple[Outcome, bytes]:
        """Until the model is done, or something says that it is enough."""
        while True:
            first = not self.record.rounds
            try:
                await self._hold_round(first=first)
                outcome, last = await super()._serve()
            except (AttemptFailed, RequestError) as failed:
                if first:
                    raise
                why = failed.failure.message
                self.services.report("mcp_paused", {"request_id": self.record.request_id, "error": why})
                return self._finished(e.StopReason.PAUSE)
            if outcome.word != "ok":
                self.record.states = {**self.states, **self.record.states}
                return outcome, last
            self._send([last])
            self.show.committed = True
            await self._note_round()
            ending = await self._call_tools()
            if ending is not None:
                return self._finished(ending)

    async def _hold_round(self, *, first: bool) -> None:
        """Sets aside what the next round can cost. Raises RequestError where nothing can carry it."""
        plan, record = self.plan, self.record
        spent = sum(one.usage.total_output for one in record.rounds)
        request = plan.round(self.messages, self.turn.toolset, spent, self.sessions.calls, first=first)
        found = plan.attempts(self.services, request, self.report, self.show)
        self.attempts = usable(found, plan.model, strict=plan.strict)
        longest = max((attempt.lane.body(None) for attempt in self.attempts), key=len)
        extent = measure(request, longest, plan.model).most
        cost = charge_all([one.usage for one in record.rounds], record.admission.prices, record.admission.markup).nano
        record.admission = await extend(
            self.services, record.principal, record.admission, extent,
            spent=cost, floor=output_floor(request), seconds=self._left(),
        )  # fmt: skip
        record.attempt, record.usage, record.produced = self.attempts[0], None, 0
        record.estimate = counting(request, extent, plan.model)
        self.begun_ms = self.services.now_ms()

    def _left(self) -> float:
        return max(0.0, self.deadline - asyncio.get_running_loop().time())

    def _send(self, waiting: list[bytes]) -> None:
        """Sends what waits: bytes before the model's first word leave with it."""
        if self.record.first_byte_ms is not None and self.show.prefix:
            waiting.insert(0, self.show.prefix)
            self.show.prefix = b""
        super()._send(waiting)

    async def _note_round(self) -> None:
        record = self.record
        usage = await used(record, Outcome("ok"))
        attempt, spent = record.attempt, self.services.now_ms() - self.begun_ms
        record.rounds.append(Round(attempt.provider.name, attempt.route.model, usage, spent))
        self.turn.usages.append(usage)
        self.states |= _states(self.turn.response)
        record.usage, record.produced, record.things, record.sound, record.states = None, 0, (), 0, self.states

    async def _call_tools(self) -> Ending | None:
        """Makes the round's calls, and puts their results where the next round reads them. How the turn ends; None
        where it goes on."""
        turn = self.turn
        asks, searches = turn.asks(), turn.searches()
        if not asks and not searches:
            return OWN
        if self.listener.gone:
            return e.StopReason.PAUSE  # nobody is there for another round
        results = await self._made([ask for ask in asks if ask.approved])
        self._note_calls()
        if not all(ask.approved for ask in asks):
            return e.StopReason.END
        if turn.calls_caller():
            return OWN
        found = {call.id: Called((b.Text(_found(turn.toolset, call)),)) for call in searches}
        self._remember({**results, **found})
        limits, most = self.plan.mcp.limits, self.plan.request.max_tokens
        if most is not None and sum(one.usage.total_output for one in self.record.rounds) >= most:
            return e.StopReason.MAX_TOKENS
        many = self.sessions.calls >= limits.calls and not self.plan.own_limit
        enough = many or len(self.record.rounds) >= limits.rounds
        return e.StopReason.PAUSE if enough or self._left() < ROUND_SECONDS else None

    def _remember(self, results: Mapping[str, Called]) -> None:
        content = tuple(one for one in self.turn.response.blocks if not isinstance(one, b.Text) or one.text)
        self.messages.append(b.Message(b.Role.ASSISTANT, content))
        calls = [block for block in content if isinstance(block, b.ToolUse)]
        answers = tuple(_result(call, results[call.id]) for call in calls if call.id in results)
        self.messages.append(b.Message(b.Role.USER, answers))

    async def _made(self, asks: list[Ask]) -> dict[str, Called]:
        """Makes the calls side by side, and shows each result in the calls' order."""
        turns = asyncio.Semaphore(AT_A_TIME)

        async def one(ask: Ask) -> Called:
            async with turns:
                return await self._call(ask.offer.server.name, ask.offer.tool.name, ask.call)

        results: dict[str, Called] = {}
        async with asyncio.TaskGroup() as group:
            tasks = [(ask, group.create_task(one(ask))) for ask in asks]
            for ask, task in tasks:
                identity, called = ask.call.id, await task
                results[identity] = called
                self.sessions.note(ask.offer.server.name, ask.offer.tool.name, called)
                self._say(list(self.turn.resulted(identity, called)))
        return results

    async def _call(self, server: str, tool: str, call: b.ToolUse) -> Called:
        seconds = min(self.plan.mcp.limits.call_seconds, max(1.0, self._left() - MARGIN_SECONDS))
        called = await self.sessions.call(server, tool, call, seconds)
        return self.room.bounded(called, frozenset(self.plan.model.input))

    def _note_calls(self) -> None:
        last = self.record.rounds[-1]
        self.record.rounds[-1] = replace(last, calls=tuple(self.sessions.made))
        self.sessions.made.clear()

    def _say(self, events: list[e.Event]) -> None:
        self._send([self.show.put(events)])

    def _finished(self, ending: Ending) -> tuple[Outcome, bytes]:
        reason = ending if isinstance(ending, e.StopReason) else None
        last = self.show.put(self.turn.end(reason))
        outcome = Outcome("ok") if self.plan.caller.stream else Outcome("ok", whole=self.show.whole())
        whole = outcome.whole if self.record.keeper is not None else b""
        self.record.final = self._final(last) if whole is None else whole
        return outcome, last


def _states(response: e.Response) -> Mapping[str, bytes]:
    """States of a round that must come back with its calls, under the ids that they have in the whole answer."""
    collector = Collector()
    for event in unfold(response):
        collector.add(event)
    return collector.records()


def _found(tools: Toolset, call: b.ToolUse) -> str:
    """Result of a search; for arguments that are no object, by their words."""
    try:
        asked = codec.loads(call.arguments or "{}")
    except ValueError:
        asked = None
    return tools.search(str(asked.get("query") or "") if isinstance(asked, dict) else call.arguments)


def _result(call: b.ToolUse, called: Called) -> b.ToolResult:
    return b.ToolResult(call.id, called.content, called.is_error)
