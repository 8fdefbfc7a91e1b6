"""The table's file: several processes on it at once, killed ones, copies of it, and what it forgets."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from interchange.metering.accounts import Accounts
from interchange.metering.ledger import Ledger
from interchange.tables.port import DUE, Change, ConditionFailed, Insert, Update
from interchange.tables.sqlite import SqliteTable
from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
SPENDER = """
import sys
from interchange.identity.keys import Limits
from interchange.metering.ledger import AccountRef, InsufficientBalance, Ledger
from interchange.tables.sqlite import SqliteTable

path, name, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
ledger = Ledger(SqliteTable(path))
print("open", flush=True)
sys.stdin.readline()
for number in range(rounds):
    try:
        hold = ledger.hold(AccountRef("a", "k", Limits()), f"{name}.{number}", 10, 0, 1000)
    except InsufficientBalance:
        print("poor", flush=True)
        continue
    ledger.settle(hold, 7, 1)
    print("settled", flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "books.db"
    accounts = Accounts(SqliteTable(found, create=True))
    accounts.create("a", "test", 0)
    accounts.credit("a", 1000, "test", "first", 0)
    return found


def spender(path: Path, name: str, rounds: int) -> subprocess.Popen[str]:
    made = subprocess.Popen(
        [sys.executable, "-c", SPENDER, str(path), name, str(rounds)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert made.stdout is not None
    assert made.stdout.readline() == "open\n"
    return made


def test_processes_share_one_balance(path: Path) -> None:
    running = [spender(path, f"p{number}", 60) for number in range(4)]
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    settled = sum(one.communicate(timeout=PATIENCE_S)[0].count("settled") for one in running)
    balance = Ledger(SqliteTable(path)).balance("a")
    assert (balance.charged_nano, balance.held_nano, balance.gap_nano) == (7 * settled, 0, 0)
    assert 0 <= balance.available_nano < 10
    assert balance.available_nano == 1000 - 7 * settled


def test_what_a_killed_process_was_answered_is_kept(path: Path) -> None:
    running = spender(path, "p", 10_000)
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write("go\n")
    running.stdin.flush()
    settled = [running.stdout.readline() for _ in range(50)]
    running.send_signal(signal.SIGKILL)
    settled += running.stdout.readlines()
    running.wait(timeout=PATIENCE_S)
    table = SqliteTable(path)
    balance = Ledger(table).balance("a")
    assert balance.charged_nano // 7 in (settled.count("settled\n"), settled.count("settled\n") + 1)
    assert balance.gap_nano == 0
    Accounts(table).sweep_of("a", 2000)
    assert Ledger(table).balance("a").held_nano == 0


def test_a_copy_is_whole_and_writes_go_on(path: Path, tmp_path: Path) -> None:
    table, copy = SqliteTable(path), tmp_path / "copy.db"
    table.backup(copy)
    Accounts(table).credit("a", 5, "later", "later", 1)
    assert Ledger(SqliteTable(copy)).balance("a").credited_nano == 1000
    assert Ledger(table).balance("a").credited_nano == 1005
    with pytest.raises(FileExistsError):
        table.backup(copy)


def test_what_has_expired_is_forgotten(path: Path) -> None:
    table = SqliteTable(path)
    for number in range(1200):
        table.put({"pk": "x", "sk": f"{number:04d}", "expires_at": number})
    assert table.forget(1100) == 1101
    assert [item["expires_at"] for item in table.query("x")] == list(range(1101, 1200))


def test_an_item_moves_in_the_indexes_when_it_changes(path: Path) -> None:
    table = SqliteTable(path)
    table.insert({"pk": "x", "sk": "1", "gsi1pk": "one", "gsi1sk": "1"})
    table.change(
        "x", "1", Change("SET gsi1pk = :p, expires_at = :e", "gsi1sk = :s", {}, {":p": "two", ":e": 9, ":s": "1"})
    )
    assert list(table.query_index("one")) == []
    assert [item["sk"] for item in table.query_index("two")] == ["1"]
    assert table.forget(9) == 1


def test_equal_moments_of_the_index_are_all_read(path: Path) -> None:
    table = SqliteTable(path)
    for number in range(1100):
        table.insert({"pk": f"x{number}", "sk": "1", "gsi1pk": "day", "gsi1sk": "same"})
    assert len({item["pk"] for item in table.query_index("day")}) == 1100
    assert len({item["pk"] for item in table.query_index("day", newest_first=True)}) == 1100
    assert len(list(table.query_index("day", newest_first=True, limit=700))) == 700


def test_no_file_is_made_by_a_slip(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no table"):
        SqliteTable(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()


def test_a_file_that_is_no_table_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a database, though it is long enough to be read as one\n" * 100)
    with pytest.raises(OSError, match=r"text: .*not a database"):
        SqliteTable(tmp_path / "text")


def test_a_fault_between_two_steps_undoes_the_first(path: Path) -> None:
    table = SqliteTable(path)
    with pytest.raises(ConditionFailed):
        table.insert({"pk": "ACCOUNT#a", "sk": "ACCOUNT"})
    with pytest.raises(TypeError):
        table.insert({"pk": "x", "sk": "1", "n": 0.5})
    table.insert({"pk": "x", "sk": "1"})  # no transaction was left open


def test_what_is_written_together_lasts_together(path: Path) -> None:
    table, other = SqliteTable(path), SqliteTable(path)
    with table.together():
        table.insert({"pk": "a", "sk": "1"})
        assert other.get("a", "1") is None
        with pytest.raises(ConditionFailed):
            table.insert({"pk": "a", "sk": "1"})
        with pytest.raises(ConditionFailed):
            table.transact([Insert({"pk": "a", "sk": "2"}), Insert({"pk": "a", "sk": "1"})])
        table.put({"pk": "a", "sk": "3"})
    assert [item["sk"] for item in other.query("a")] == ["1", "3"]


def test_what_was_written_before_a_fault_lasts(path: Path) -> None:
    table = SqliteTable(path)
    with pytest.raises(RuntimeError), table.together():
        table.insert({"pk": "a", "sk": "1"})
        raise RuntimeError
    assert SqliteTable(path).get("a", "1") is not None
    table.insert({"pk": "a", "sk": "2"})


def test_a_file_of_an_earlier_release_gets_its_second_index(tmp_path: Path) -> None:
    path = tmp_path / "table.db"
    old = sqlite3.connect(path)
    old.execute(
        "CREATE TABLE items (place INTEGER PRIMARY KEY, pk TEXT NOT NULL, sk TEXT NOT NULL, gsi1pk TEXT, gsi1sk TEXT,"
        " expires_at INTEGER, item BLOB NOT NULL)"
    )
    old.execute("INSERT INTO items (pk, sk, item) VALUES ('x', '1', ?)", (b'{"pk":"x","sk":"1","n":1}',))
    old.commit()
    old.close()
    for _ in range(2):
        table = SqliteTable(path)
        assert table.get("x", "1") == {"pk": "x", "sk": "1", "n": 1}
        table.put({"pk": "y", "sk": "1", "gsi2pk": "D", "gsi2sk": "1"})
        assert [item["pk"] for item in table.query_index("D", index=DUE)] == ["y"]
        table.close()


def test_words_that_look_like_escapes_are_kept_beside_escapes(path: Path) -> None:
    table = SqliteTable(path, create=True)
    item = {"pk": "a", "sk": "b", "bytes": b"\x00", "set": {"$n", "x"}, "map": {"$b": "no bytes"}, "word": "$s"}
    table.insert(item)
    assert table.get("a", "b") == item
    assert table.get("a", "b") == item


def test_a_query_of_one_page_is_as_of_one_moment(path: Path) -> None:
    table = SqliteTable(path, create=True)
    for sk in "13":
        table.insert({"pk": "a", "sk": sk})
    found = table.query("a")
    read = [next(found)["sk"]]
    table.insert({"pk": "a", "sk": "4"})
    assert [*read, *(item["sk"] for item in found)] == ["1", "3"]


def test_a_change_of_another_process_is_seen_by_the_next_condition(tmp_path: Path) -> None:
    """Each remembers what it wrote last; what counts is what the file has."""
    path = tmp_path / "t.db"
    here, there = SqliteTable(path, create=True), SqliteTable(path)
    here.insert({"pk": "a", "sk": "1", "available": 10, "holds": {}})
    take = Change("SET available = available - :n", "available >= :n", {}, {":n": 4})
    assert here.change("a", "1", take)["available"] == 6
    assert there.change("a", "1", take)["available"] == 2
    with pytest.raises(ConditionFailed) as refused:
        here.change("a", "1", take)
    assert refused.value.item["available"] == 2
    give = Change("SET available = available + :n", "attribute_exists(pk)", {}, {":n": 9})
    assert [one.change("a", "1", give)["available"] for one in (here, there, there, here)] == [11, 20, 29, 38]


def test_a_condition_that_failed_as_it_was_known_holds_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    here, there = SqliteTable(path, create=True), SqliteTable(path)
    here.insert({"pk": "a", "sk": "1", "available": 4})
    take = Change("SET available = available - :n", "available >= :n", {}, {":n": 4})
    here.change("a", "1", take)
    there.change("a", "1", Change("SET available = available + :n", "", {}, {":n": 5}))
    assert here.change("a", "1", take)["available"] == 1


def test_what_a_change_gave_back_is_the_callers_own(tmp_path: Path) -> None:
    table = SqliteTable(tmp_path / "t.db", create=True)
    table.insert({"pk": "a", "sk": "1", "n": 0, "holds": {"x": {"n": 1}}})
    more = Change("SET n = n + :one", "", {}, {":one": 1})
    first = table.change("a", "1", more)
    deeper = table.change("a", "1", Change("SET holds.#x.n = :n", "", {"#x": "x"}, {":n": 2}))
    first["n"] = 99
    assert first["holds"] == {"x": {"n": 1}}
    assert deeper["holds"] == {"x": {"n": 2}}
    assert table.change("a", "1", more) == {"pk": "a", "sk": "1", "n": 2, "holds": {"x": {"n": 2}}}
    assert table.get("a", "1") == {"pk": "a", "sk": "1", "n": 2, "holds": {"x": {"n": 2}}}


def test_what_was_undone_is_not_remembered(tmp_path: Path) -> None:
    table = SqliteTable(tmp_path / "t.db", create=True)
    table.insert({"pk": "a", "sk": "1", "n": 0})
    more = Change("SET n = n + :one", "", {}, {":one": 1})
    table.change("a", "1", more)
    with pytest.raises(ConditionFailed):
        table.transact(
            [Update("a", "1", more), Update("b", "1", Change("SET n = :one", "attribute_exists(pk)", {}, {":one": 1}))]
        )
    assert table.change("a", "1", more)["n"] == 2


def test_an_item_that_is_gone_is_not_changed_as_it_was(tmp_path: Path) -> None:
    table = SqliteTable(tmp_path / "t.db", create=True)
    table.put({"pk": "a", "sk": "1", "n": 0, "expires_at": 5})
    more = Change("SET n = n + :one", "attribute_exists(pk)", {}, {":one": 1})
    table.change("a", "1", more)
    assert table.forget(10) == 1
    with pytest.raises(ConditionFailed):
        table.change("a", "1", more)
