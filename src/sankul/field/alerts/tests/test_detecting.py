"""Detectors in words: levels with their unit, lengths of time as people say them."""

import pytest

from sankul.field.alerts.rules.detecting import length, told

LEVELS = {"raise_at": 5.0, "clear_at": 4.0}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.5, "0.5 s"),
        (1.0, "1 s"),
        (59.999, "59.999 s"),
        (60.0, "1 min"),
        (90.0, "1 min 30 s"),
        (3599.7, "1 h"),
        (5400.0, "1 h 30 min"),
        (7230.0, "2 h"),
        (86_400.0, "1 d"),
        (273_600.0, "3 d 4 h"),
    ],
)
def test_a_length_of_time_is_told_in_its_largest_unit_or_two(seconds: float, words: str) -> None:
    assert length(seconds) == words


@pytest.mark.parametrize(
    ("kind", "parameters", "words"),
    [
        ("above", LEVELS, "above 5 NTU at once, until 4 NTU"),
        ("above", LEVELS | {"for_s": 0.0}, "above 5 NTU at once, until 4 NTU"),
        ("above", LEVELS | {"for_s": 1.0}, "above 5 NTU for 1 s, until 4 NTU"),
        ("below", {"raise_at": 1.5, "clear_at": 2.0, "for_s": 1800.0}, "below 1.5 NTU for 30 min, until 2 NTU"),
        ("rate", LEVELS | {"over_s": 5400.0}, "changes by more than 5 NTU in an hour, over 1 h 30 min"),
        ("residual", {"raise_at": 6.0, "for_s": 0.0}, "more than 6 scales from its forecast, at once"),
        ("absence", {"after_s": 172_800.0}, "nothing for longer than 2 d"),
        ("network", {"share": 0.29, "within_s": 900.0, "least": 3.0}, "29 % of the sites, at least 3, within 15 min"),
    ],
)  # fmt: skip
def test_a_detector_is_told_in_a_sentence(
    kind: str, parameters: dict[str, float], words: str
) -> None:
    assert told(kind, parameters, "NTU") == words
