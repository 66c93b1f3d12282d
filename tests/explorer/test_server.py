"""Who is let in, what is sent, and what happens to nonsense: the application without a network."""

import json

import pytest
from browser import PAPER

import usadel as us

testclient = pytest.importorskip("starlette.testclient", reason="starlette or httpx is not installed")
from starlette.websockets import WebSocketDisconnect  # noqa: E402

from usadel.explorer.answers.wire import unpack  # noqa: E402
from usadel.explorer.server import MOST_SESSIONS, Service  # noqa: E402

HOST = "127.0.0.1:8000"
ORIGIN = {"origin": f"http://{HOST}", "host": HOST}
GOOD = "/socket?token=secret"


@pytest.fixture
def client():
    service = Service(us.Stack.from_toml(PAPER).replace({"tolerance": 1e-4}), "paper.toml", "secret")
    with testclient.TestClient(service.app(), base_url=f"http://{HOST}") as found:
        found.service = service
        yield found
    service.close()


def until(socket, kind, most=200):
    """The next message of a kind, and the kinds that came before it."""
    before = []
    for _ in range(most):
        header, arrays = read(socket)
        if header["kind"] == kind:
            return header, arrays, before
        before.append(header["kind"])
    raise AssertionError(f"no {kind} among {before}")


def read(socket):
    header, arrays = unpack(socket.receive_bytes())
    return header, arrays


def say(socket, kind, **content):
    socket.send_text(json.dumps({"kind": kind, **content}))


def test_the_page_needs_its_token(client):
    assert client.get("/").status_code == client.get("/?token=other").status_code == 403
    page = client.get("/?token=secret")
    assert page.status_code == 200 and "<main" in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert page.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1.example.org", "localhost.example.org:8000", ""])
def test_a_foreign_name_is_refused(client, host):
    assert client.get("/?token=secret", headers={"host": host}).status_code == 400
    refused(client, GOOD, {"host": host, "origin": f"http://{host}"})


@pytest.mark.parametrize("host", ["127.0.0.1:1234", "localhost", "[::1]:99"])
def test_this_machine_goes_by_several_names(client, host):
    assert client.get("/?token=secret", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://example.org", "null", "", "http://127.0.0.1:8001", f"http://{HOST}@evil.org"]
)
def test_a_socket_of_another_page_is_refused(client, origin):
    refused(client, GOOD, {"host": HOST, "origin": origin})


@pytest.mark.parametrize("address", ["/socket", "/socket?token=", "/socket?token=secre", "/socket?token=ä"])
def test_a_socket_needs_the_token(client, address):
    refused(client, address, ORIGIN)


def refused(client, address, headers):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(address, headers=headers):
        pass


@pytest.mark.parametrize("name", ["app.js", "style.css", "wire.js", "icon.svg"])
def test_files_of_the_page_are_there(client, name):
    assert client.get(f"/static/{name}").status_code == 200


@pytest.mark.parametrize("name", ["..%2fserver.py", "%2e%2e/server.py", "nothing.js", "..%5cserver.py", "/etc/passwd"])
def test_no_other_file_is(client, name):
    assert client.get(f"/static/{name}").status_code == 404


def test_an_answer_has_its_stages_in_order(client):
    with client.websocket_connect(GOOD, headers=ORIGIN) as socket:
        say(socket, "hello", sequence=1)
        controls, _, _ = until(socket, "controls")
        assert "S.spin_voltage" in {control["path"] for control in controls["controls"]}
        header, arrays, _ = until(socket, "profiles")
        assert header["sequence"] == 1 and header["converged"] == 1 and header["stage"] == "converged"
        result = us.solve(client.service.device)
        assert header["values"]["gap_max"] == pytest.approx(float(result.data.gap.max()), abs=1e-12)
        assert arrays["gap"].shape == arrays["position"].shape
        maps = [until(socket, "map")[0]["stage"] for _ in range(3)]
        assert maps == ["coarse", "full", "whole"]


@pytest.mark.parametrize(
    "text",
    [
        "", "[", "[]", "1", "null", '{"kind": 3}', '{"kind": "rm"}', '{"kind": "set"}', '{"kind": "set", "changes": 3}',
        '{"kind": "set", "changes": {"S.length": 3}}', '{"kind": "set", "changes": {"S.length": "' + "1" * 1001 + '"}}',
        '{"kind": "set", "sequence": "x", "changes": {}}', '{"kind": "set", "sequence": 1e400, "changes": {}}',
        '{"kind": "jump", "index": 10000000}', '{"kind": "export", "format": "exe"}', '{"kind": "_open"}',
        '{"kind": "set", "changes": {"\\ud800": "1"}}', "[" * 30000, '{"kind": "open", "toml": "paper.toml"}',
        '{"kind": "open", "starter": "../../x"}', '{"kind": "bounds", "path": "S.length", "low": 2, "high": 1}',
        '{"kind": "bounds", "path": "S.length", "low": 0, "high": 1e400}',
        '{"kind": "bounds", "path": "x", "low": 0, "high": 1}',
    ],
)  # fmt: skip
def test_nonsense_is_answered_in_one_line_and_changes_nothing(client, text):
    with client.websocket_connect(GOOD, headers=ORIGIN) as socket:
        say(socket, "hello", sequence=1)
        socket.send_text(text)
        refusal, _, _ = until(socket, "refused")
        assert refusal["text"] and "\n" not in refusal["text"]
        say(socket, "set", sequence=2, changes={"S.length": "2"})
        while until(socket, "profiles")[0]["sequence"] != 2:
            pass


def test_a_defect_in_a_solve_is_said_and_the_session_lives(client, monkeypatch):
    from usadel.explorer.answers import stages

    true = stages.solved
    with client.websocket_connect(GOOD, headers=ORIGIN) as socket:
        say(socket, "hello", sequence=1)
        until(socket, "idle")
        monkeypatch.setattr(stages, "solved", lambda *arguments: 1 / 0)
        say(socket, "set", sequence=2, changes={"S.length": "2"})
        fault, _, before = until(socket, "fault")
        assert "ZeroDivisionError" in fault["text"] and "profiles" not in before
        monkeypatch.setattr(stages, "solved", true)
        say(socket, "set", sequence=3, changes={"S.length": "1.4"})
        assert until(socket, "profiles")[0]["sequence"] == 3


def test_what_only_a_solve_refuses_is_said_at_its_box_and_is_no_step(client, monkeypatch):
    from usadel.explorer.answers import stages

    def refuse(*arguments):
        raise us.InputError("has no stationary state", key="S.length")

    with client.websocket_connect(GOOD, headers=ORIGIN) as socket:
        say(socket, "hello", sequence=1)
        until(socket, "idle")
        monkeypatch.setattr(stages, "solved", refuse)
        say(socket, "set", sequence=2, changes={"S.length": "2"})
        until(socket, "state")
        state, _, _ = until(socket, "state")
        assert state["values"]["S.length"] == ["1.5", 1.5] and not state["undo"]
        assert until(socket, "refused")[0]["path"] == "S.length"


def test_more_pages_than_are_served_are_told_so_and_a_closed_one_makes_room(client):
    with client.websocket_connect(GOOD, headers=ORIGIN) as first:
        others = [client.websocket_connect(GOOD, headers=ORIGIN) for _ in range(MOST_SESSIONS - 1)]
        for other in others:
            other.__enter__()
        with client.websocket_connect(GOOD, headers=ORIGIN) as late:
            assert read(late)[0]["kind"] == "full"
        for other in others:
            other.__exit__(None, None, None)
        say(first, "hello", sequence=1)
        until(first, "profiles")
        assert len(client.service.connections) == 1
    assert not client.service.connections


def test_a_file_from_the_page_is_opened_and_its_session_is_new(client):
    with client.websocket_connect(GOOD, headers=ORIGIN) as socket:
        say(socket, "hello", sequence=1)
        until(socket, "profiles")
        say(socket, "open", sequence=2, toml=us.starter("sf"))
        controls, _, _ = until(socket, "controls")
        assert controls["title"] == us.Stack.from_toml(us.starter("sf")).title
        state, _, _ = until(socket, "state")
        assert not state["undo"] and state["changes"] == {}


def test_without_a_device_there_are_starters():
    service = Service(None, "", "secret")
    client = testclient.TestClient(service.app(), base_url=f"http://{HOST}")
    with client, client.websocket_connect(GOOD, headers=ORIGIN) as socket:
        say(socket, "hello", sequence=1)
        assert set(until(socket, "gallery")[0]["starters"]) == set(us.starter_kinds())
        say(socket, "set", sequence=2, changes={})
        assert "no device yet" in until(socket, "refused")[0]["text"]
    service.close()
