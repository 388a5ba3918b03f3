"""What is wrong with a detector's parameters, and where."""


class DetectorError(ValueError):
    """A parameter that cannot be: its ``key``, what was ``given``, and what was ``expected``."""

    def __init__(self, key: str, given: object, expected: str) -> None:
        self.key, self.given, self.expected = key, given, expected
        super().__init__(f"{key}: {given!r}, expected {expected}")
