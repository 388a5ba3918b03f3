"""Sealed bundles: whole, changed by one byte, short, or with too much."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sankul.engines.seal import (
    Difference,
    SealError,
    prove,
    read,
    read_checkpoint,
    read_proof,
    seal,
    verify,
)

FILES = {"tables/scores.csv": b"unit,score\na,1\n", "रिपोर्ट.txt": b"report", "empty": b""}
RECORDS: list[tuple[str, dict[str, Any]]] = [
    ("pune", {"score": 71.5, "claims": ["c1", "c2"]}),
    ("दिल्ली", {"score": 64}),
    ("hyderabad", {"score": 80}),
]
BUNDLE = seal(FILES, RECORDS, origin="programme/2026")
ARCHIVE = BUNDLE.archive


def written(folder: Path, changes: dict[str, bytes | None] | None = None) -> Path:
    """The bundle in a folder, with some files replaced or, where None, removed."""
    for path, content in (dict(BUNDLE.contents) | (changes or {})).items():
        if content is not None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
    return folder


def told(folder: Path) -> list[tuple[str, str, str]]:
    return [(d.path, d.what, d.record) for d in verify(folder)]


def test_a_bundle_is_whole_as_a_folder_and_as_a_zip(tmp_path: Path) -> None:
    BUNDLE.write(tmp_path / "bundle")
    (tmp_path / "bundle.zip").write_bytes(ARCHIVE)
    for place in ("bundle", "bundle.zip"):
        assert verify(tmp_path / place) == ()
        assert verify(tmp_path / place, BUNDLE.checkpoint) == ()
        assert read(tmp_path / place).root == BUNDLE.root


def test_the_root_is_that_of_origin_files_and_records() -> None:
    origin, size, root = read_checkpoint(BUNDLE.checkpoint)
    assert (origin, size, root) == ("programme/2026", 7, BUNDLE.root)
    assert seal(FILES, RECORDS, origin="programme/2025").root != BUNDLE.root
    assert seal(FILES, RECORDS[::-1], origin="programme/2026").root != BUNDLE.root
    assert seal(FILES | {"empty": b"\n"}, RECORDS, origin="programme/2026").root != BUNDLE.root


def test_equal_contents_give_equal_bytes_and_any_unzip_reads_them() -> None:
    again = seal(dict(reversed(FILES.items())), RECORDS, origin="programme/2026")
    assert again.archive == ARCHIVE
    with zipfile.ZipFile(io.BytesIO(ARCHIVE)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == BUNDLE.contents


def test_missing_and_extra_files_are_named(tmp_path: Path) -> None:
    folder = written(tmp_path, {"empty": None, "more/notes.txt": b"x"})
    assert told(folder) == [("empty", "missing", ""), ("more/notes.txt", "extra", "")]


@pytest.mark.parametrize("name", ["manifest.json", "checkpoint.txt", "records.jsonl"])
def test_a_bundle_without_its_own_files_is_told_so(tmp_path: Path, name: str) -> None:
    assert told(written(tmp_path, {name: None})) == [(name, "missing", "")]


def lines() -> list[bytes]:
    return BUNDLE.contents["records.jsonl"].splitlines(keepends=True)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (lambda a, b, c: a + c, [("records.jsonl", "missing", "दिल्ली")]),
        (lambda a, b, c: a + b + c + a, [("records.jsonl", "changed", "")]),
        (lambda a, b, c: b + a + c, [("records.jsonl", "changed", "")]),
        (
            lambda a, b, c: a + b.replace(b"64", b"99") + c,
            [("records.jsonl", "changed", "दिल्ली")],
        ),
        (
            lambda a, b, c: a + b + c + b'{"id":"goa","record":{}}\n',
            [("records.jsonl", "extra", "goa")],
        ),
        (
            lambda a, b, c: a.replace(b"pune", b"nune") + b + c,
            [("records.jsonl", "changed", "pune")],
        ),
        (lambda a, b, c: a + b + c[:-1], [("records.jsonl", "changed", "")]),
        (lambda a, b, c: b"", [("records.jsonl", "missing", n) for n, _ in RECORDS]),
    ],
)
def test_records_that_are_not_as_sealed_are_named(
    tmp_path: Path, changed: Any, expected: Any
) -> None:
    assert told(written(tmp_path, {"records.jsonl": changed(*lines())})) == expected


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_one_changed_byte_anywhere_in_a_folder_is_detected_and_named(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from([n for n, content in BUNDLE.contents.items() if content]))
    content = bytearray(BUNDLE.contents[name])
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    folder = written(tmp_path_factory.mktemp("sealed"), {name: bytes(content)})
    found = verify(folder)
    assert {d.path for d in found} == {name}
    if name == "records.jsonl":
        record = BUNDLE.contents[name][:at].count(b"\n")
        assert RECORDS[record][0] in {d.record for d in found}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_one_changed_byte_anywhere_in_a_zip_is_detected_and_named(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(ARCHIVE) - 1))
    changed = bytearray(ARCHIVE)
    changed[at] ^= data.draw(st.integers(1, 255))
    place = tmp_path_factory.mktemp("sealed") / "bundle.zip"
    place.write_bytes(changed)
    found = {d.path for d in verify(place)}
    assert found
    inside = [
        name
        for name, content in BUNDLE.contents.items()
        if content and (start := ARCHIVE.index(name.encode() + content) + len(name.encode())) <= at
        and at < start + len(content)
    ]  # fmt: skip
    assert set(inside) <= found
    assert inside or "bundle.zip" in found


def test_bytes_before_after_and_within_a_zip_are_detected(tmp_path: Path) -> None:
    place = tmp_path / "bundle.zip"
    for data in (b"x" + ARCHIVE, ARCHIVE + b"x", ARCHIVE[:40] + b"x" + ARCHIVE[40:], ARCHIVE[:-1]):
        place.write_bytes(data)
        assert "bundle.zip" in {d.path for d in verify(place)}


def test_a_zip_packed_anew_has_the_same_contents_but_is_told(tmp_path: Path) -> None:
    place = tmp_path / "bundle.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in BUNDLE.contents.items():
            archive.writestr(name, content)
    assert any("compressed" in d.note for d in verify(place))


def test_a_bundle_changed_throughout_is_told_only_by_a_checkpoint_from_elsewhere(
    tmp_path: Path,
) -> None:
    other = seal(FILES | {"empty": b"!"}, RECORDS, origin="programme/2026")
    other.write(tmp_path / "bundle")
    assert verify(tmp_path / "bundle") == ()
    found = verify(tmp_path / "bundle", BUNDLE.checkpoint)
    assert [(d.path, d.what) for d in found] == [("checkpoint.txt", "changed")]
    kept = BUNDLE.contents["checkpoint.txt"]
    (tmp_path / "bundle" / "checkpoint.txt").write_bytes(kept)
    found = verify(tmp_path / "bundle", BUNDLE.checkpoint)
    assert [(d.path, d.what) for d in found] == [("manifest.json", "changed")]


def test_each_cluster_can_prove_its_own_record_without_the_bundle() -> None:
    proof = read_proof(prove(BUNDLE, "दिल्ली").text)
    assert proof.holds
    assert proof.checkpoint == BUNDLE.checkpoint
    assert json.loads(proof.line)["record"] == {"score": 64}
    forged = json.loads(proof.text)
    forged["line"] = forged["line"].replace("64", "94")
    assert not read_proof(json.dumps(forged)).holds
    forged = json.loads(proof.text)
    forged["index"] += 1
    assert not read_proof(json.dumps(forged)).holds


def test_a_sealed_bundle_is_not_replaced(tmp_path: Path) -> None:
    BUNDLE.write(tmp_path / "bundle")
    with pytest.raises(SealError, match="is there already"):
        BUNDLE.write(tmp_path / "bundle")
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_a_link_in_place_of_a_file_is_told(tmp_path: Path) -> None:
    folder = written(tmp_path / "bundle", {"empty": None})
    (tmp_path / "elsewhere").write_bytes(b"")
    (folder / "empty").symlink_to(tmp_path / "elsewhere")
    assert told(folder) == [("empty", "changed", "")]


def test_a_difference_says_where_and_what() -> None:
    assert str(Difference("records.jsonl", "changed", "pune")) == (
        'records.jsonl, record "pune": changed'
    )
    assert str(Difference("a", "extra", note="line 3")) == "a: extra (line 3)"


@pytest.mark.parametrize(
    ("files", "records", "origin", "message"),
    [
        ({"../a": b""}, [], "o", "not relative and plain"),
        ({"/a": b""}, [], "o", "not relative and plain"),
        ({"a//b": b""}, [], "o", "not relative and plain"),
        ({"a\\b": b""}, [], "o", "characters"),
        ({"c:a": b""}, [], "o", "characters"),
        ({"manifest.json": b""}, [], "o", "the bundle's own"),
        ({"a": b"", "A": b""}, [], "o", "one file on some machines"),
        ({"a": b"", "a/b": b""}, [], "o", "a file and a folder"),
        ({}, [("x", {}), ("x", {})], "o", 'record "x" stands there more than once'),
        ({}, [("", {})], "o", "record id ''"),
        ({}, [("x", {"v": float("nan")})], "o", 'record "x" is not for JSON'),
        ({}, [("x", {"v": b""})], "o", 'record "x" is not for JSON'),
        ({}, [], "two\nlines", "one line of text"),
    ],
)
def test_what_cannot_be_sealed_is_refused(
    files: Any, records: Any, origin: str, message: str
) -> None:
    with pytest.raises(SealError, match=message):
        seal(files, records, origin=origin)


def test_what_is_no_bundle_checkpoint_or_proof_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SealError, match="neither a folder nor a file"):
        verify(tmp_path / "none")
    with pytest.raises(SealError, match="three lines"):
        verify(written(tmp_path), "origin\n7\n")
    with pytest.raises(SealError, match="not a proof"):
        read_proof("{}")
    with pytest.raises(SealError, match='no record "goa"'):
        prove(BUNDLE, "goa")
    (tmp_path / "empty").unlink()
    with pytest.raises(SealError, match=r"empty: missing"):
        read(tmp_path)
