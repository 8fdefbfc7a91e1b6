"""Sessions with MCP servers: both transports, their faults, and where they may not go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from aiohttp import web

from interchange.hub import blocks as b
from interchange.hub.mcp import Called, ListedTool, McpFault, McpServer
from interchange.upstream import mcp_http
from interchange.upstream.mcp_servers import McpSession
from interchange.upstream.public import Reach, read_reach
from tests.rounds.servers import TOKEN, Seen, server

HERE = read_reach("127.0.0.1")


@pytest.fixture(scope="module")
def plain() -> Iterator[tuple[str, Seen]]:
    with server() as made:
        yield made


def used(
    url: str,
    act: Callable[[McpSession, list[ListedTool]], Coroutine[Any, Any, Any]],
    reach: Reach = HERE,
    silence: float = 30.0,
    **fields: Any,
) -> Any:
    async def run() -> Any:
        session = McpSession(McpServer("mcp_servers[0]", "tests", url, **fields), reach, silence)
        try:
            return await act(session, await session.open(20))
        finally:
            await session.close()

    return asyncio.run(run())


async def names(_session: McpSession, tools: list[ListedTool]) -> list[str]:
    return [tool.name for tool in tools]


def call(name: str, seconds: float = 20, **arguments: Any) -> Callable[..., Coroutine[Any, Any, Called]]:
    async def act(session: McpSession, _tools: list[ListedTool]) -> Called:
        return await session.call(name, arguments, seconds)

    return act


def text(called: Called) -> str:
    return "".join(block.text for block in called.content if isinstance(block, b.Text))


def test_tools_are_listed_with_their_schemas(plain: tuple[str, Seen]) -> None:
    async def act(_session: McpSession, tools: list[ListedTool]) -> ListedTool:
        return next(tool for tool in tools if tool.name == "add")

    tool = used(plain[0], act)
    assert (tool.description, tool.read_only) == ("Adds two numbers.", True)
    assert set(tool.schema["properties"]) == {"a", "b"}


def test_a_tool_is_called_by_streamable_http(plain: tuple[str, Seen]) -> None:
    called = used(plain[0], call("add", a=2, b=3))
    assert (text(called), called.is_error) == ("5", False)


def test_a_server_of_the_older_transport_is_found_by_itself() -> None:
    with server(sse=True) as (url, _):
        assert text(used(url, call("add", a=2, b=3))) == "5"


def test_a_tool_that_fails_is_a_result_that_says_so(plain: tuple[str, Seen]) -> None:
    called = used(plain[0], call("failing"))
    assert called.is_error
    assert "the disk is full" in text(called)


def test_a_tool_that_nobody_has_is_a_result_too(plain: tuple[str, Seen]) -> None:
    assert used(plain[0], call("nothing_of_the_kind")).is_error


def test_a_slow_tool_is_given_up(plain: tuple[str, Seen]) -> None:
    async def act(session: McpSession, _tools: list[ListedTool]) -> tuple[Called, Called]:
        late = await session.call("slow", {"seconds": 5}, 0.2)
        return late, await session.call("add", {"a": 1, "b": 1}, 20)

    late, after = used(plain[0], act)
    assert late.is_error
    assert "did not answer" in text(late)
    assert text(after) == "2"


def test_a_picture_comes_as_one(plain: tuple[str, Seen]) -> None:
    called = used(plain[0], call("picture"))
    assert any(isinstance(block, b.Image) for block in called.content)


def test_the_token_goes_to_its_server_and_is_needed() -> None:
    with server(token=TOKEN) as (url, seen):
        assert "add" in used(url, names, token=TOKEN)
        assert {headers["authorization"] for headers in seen.headers} == {f"Bearer {TOKEN}"}
        with pytest.raises(McpFault) as caught:
            used(url, names, token="wrong")
        assert "401" in str(caught.value)
        assert "wrong" not in str(caught.value)


def test_further_headers_go_too() -> None:
    with server() as (url, seen):
        used(url, names, headers={"x-tenant": "7"})
        assert seen.headers[0]["x-tenant"] == "7"


def test_a_session_that_the_server_has_forgotten_is_begun_anew() -> None:
    with server() as (url, seen):

        async def act(session: McpSession, _tools: list[ListedTool]) -> Called:
            seen.forget = True
            return await session.call("add", {"a": 4, "b": 5}, 20)

        assert text(used(url, act)) == "9"
        assert len(seen.calls) == 1


def test_a_server_that_dies_in_the_middle_is_a_result_that_says_so() -> None:
    with server() as (url, seen):

        async def act(session: McpSession, _tools: list[ListedTool]) -> Called:
            seen.status = 500
            return await session.call("add", {"a": 4, "b": 5}, 20)

        called = used(url, act)
        assert called.is_error
        assert "500" in text(called)


def test_an_answer_without_end_is_cut_off(plain: tuple[str, Seen], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_http, "MOST_BYTES", 100_000)
    assert used(plain[0], call("huge", size=200_000)).is_error


@pytest.mark.parametrize(
    "url",
    ["http://example.com/mcp", "https://127.0.0.1/mcp", "https://127\u30020\u30020\u30021/mcp", "https://u:p@example.com/",
     "https://[::ffff:127.0.0.1]/mcp", "https://169.254.169.254/mcp", "https://localhost/mcp", "ftp://example.com/"],
)  # fmt: skip
def test_a_server_may_only_be_of_the_open_internet(url: str) -> None:
    with pytest.raises(McpFault):
        used(url, names, Reach())


def test_the_operator_names_what_else_may_be_reached(plain: tuple[str, Seen]) -> None:
    with pytest.raises(McpFault):
        used(plain[0], names, read_reach("127.0.0.2"))
    assert "add" in used(plain[0], names, HERE)


def test_a_redirect_leads_nowhere_else(plain: tuple[str, Seen]) -> None:
    """Neither to another host nor, with it, the token."""
    seen: list[str] = []

    async def run() -> None:
        async def away(request: web.Request) -> web.Response:
            seen.append(request.headers.get("authorization", ""))
            raise web.HTTPTemporaryRedirect(plain[0].replace("127.0.0.1", "localhost"))

        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", away)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/mcp"
        try:
            await McpSession(McpServer("mcp_servers[0]", "t", url, token=TOKEN), HERE, 5).open(5)
        finally:
            await runner.cleanup()

    before = len(plain[1].headers)
    with pytest.raises(McpFault):
        asyncio.run(run())
    assert seen
    assert len(plain[1].headers) == before


def test_what_is_no_mcp_server_is_named_so() -> None:
    async def run() -> None:
        async def page(_request: web.Request) -> web.Response:
            return web.Response(text="<html>", content_type="text/html")

        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", page)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            url = f"http://127.0.0.1:{runner.addresses[0][1]}/mcp"
            await McpSession(McpServer("mcp_servers[0]", "t", url), HERE, 5).open(5)
        finally:
            await runner.cleanup()

    with pytest.raises(McpFault):
        asyncio.run(run())
