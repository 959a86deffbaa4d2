"""What a part of the conformance run comes to."""

from dataclasses import dataclass, field


@dataclass
class Result:
    passed: int = 0
    failures: list[str] = field(default_factory=list)
    """One line each; any makes the whole run fail."""
    notes: list[str] = field(default_factory=list)
    """What was set aside, and why."""

    def ok(self):
        self.passed += 1

    def fail(self, what, why):
        self.failures.append(f"{what}: {' '.join(str(why).split())[:600]}")

    def check(self, what, function, *arguments):
        """Counts a function that returns as passed, one that throws as failed."""
        try:
            function(*arguments)
        except Exception as error:
            self.fail(what, f"{type(error).__name__}: {error}")
        else:
            self.ok()
