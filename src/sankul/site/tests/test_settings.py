"""What the environment says, read by a process of its own."""

import json
import os
import subprocess
import sys

import pytest

ASK = """
import json
from sankul.site import settings
print(json.dumps([settings.ALLOWED_HOSTS, settings.DEMONSTRATION, settings.DEMONSTRATION_ACCOUNTS]))
"""
HERE = ["127.0.0.1", "localhost", "[::1]"]


def _ask(**environment: str) -> list[object]:
    given = {"DATABASE_URL": "postgresql:///none", "SANKUL_SECRET_KEY": "x"} | environment
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith("SANKUL_") or k == "SANKUL_DATA"
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=kept | given, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, [HERE, True, True]),
        ({"SANKUL_HOSTS": "localhost"}, [["localhost"], True, True]),
        (
            {"SANKUL_HOSTS": "sankul.example, localhost"},
            [["sankul.example", "localhost"], True, False],
        ),
        ({"SANKUL_HOSTS": "*"}, [["*"], True, False]),
        ({"SANKUL_DEMONSTRATION": "0"}, [HERE, False, False]),
    ],
)
def test_the_demonstrations_accounts_need_a_site_that_no_other_machine_reaches(
    environment: dict[str, str], expected: list[object]
) -> None:
    assert _ask(**environment) == expected
