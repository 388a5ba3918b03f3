"""The page about plausibility rules is that of the rules in force."""

from . import rules_page


def test_the_page_about_plausibility_rules_is_in_step_with_them() -> None:
    assert rules_page.PAGE.read_text("utf-8") == rules_page.text(), (
        "write docs/plausibility-rules.md anew: python tests/rules_page.py"
    )
