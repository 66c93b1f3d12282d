"""The command: what it prints, what it refuses, and how it ends."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from browser import server

import usadel as us
from usadel.cli.entry import execute

pytestmark = pytest.mark.usefixtures("without_the_loop_of_the_browser")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_one_line_with_the_address_and_a_clean_end(paper):
    with server(str(paper)) as (process, address):
        with urllib.request.urlopen(address, timeout=20) as answer:
            assert answer.status == 200
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(address.partition("?")[0], timeout=20)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert out == "" and err == "usadel: interrupted\n"
    assert process.returncode == 130


def test_a_port_that_is_taken(paper):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "usadel", "explore", str(paper), "--no-browser", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and f"127.0.0.1:{port}" in done.stderr


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_no_port(port, paper, capsys):
    assert execute(["explore", str(paper), "--no-browser", "--port", port]) == 2
    assert "0 (any that is free) to 65535" in capsys.readouterr().err


def test_a_device_that_cannot_be_read(tmp_path, capsys):
    path = tmp_path / "bad.toml"
    path.write_text("temperature = 0", encoding="utf-8")
    assert execute(["explore", str(path), "--no-browser"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_without_its_packages_it_says_how_to_install_them(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "uvicorn", None)  # an import of it then fails
    assert execute(["explore", "--no-browser"]) == 2
    err = capsys.readouterr().err
    assert "uvicorn" in err and "pip install 'usadel[explore]'" in err and err.count("\n") == 1


def test_within_a_running_loop_it_says_what_to_do():
    async def program():
        us.explore(None, browser=False)

    with pytest.raises(us.InputError, match="in a terminal: usadel explore"):
        asyncio.run(program())


def test_whoever_lets_others_in_is_told(monkeypatch, capsys):
    from usadel.explorer import server as served

    seen = []
    monkeypatch.setattr(served, "serve", lambda service, host, port, opened: seen.append((service.hosts, host)))
    us.explore(None, host="0.0.0.0", browser=False)
    us.explore(None, browser=False)
    assert seen == [((), "0.0.0.0"), ((*served.LOCAL, "127.0.0.1"), "127.0.0.1")]
    assert capsys.readouterr().err.count("others in the network") == 1
