"""People at the site's pages in a real browser, on a clock that can be set forward, with the background work done in place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Locator, Page
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from sankul.core.models import User
from sankul.programme.registry.tests.makers import AT

PHONE = {"viewport": {"width": 360, "height": 740}, "java_script_enabled": False}
"""A narrow phone, whose browser runs no scripts."""
TIMEOUT_MS = 10_000
LOUD = ("warning", "error")
STATUS = "Failed to load resource"
"""What the console says of a page that is refused, which is what a test asks for."""


@dataclass
class Clock:
    """The site's clock: it runs on from the moment of the tests, and can be set forward to a later day."""

    days: int = 0
    began: float = field(default_factory=monotonic)

    def now(self) -> datetime:
        """The moment, aware."""
        return AT + timedelta(days=self.days, seconds=monotonic() - self.began)


@dataclass
class Site:
    """The site with its browser and clock, at whose pages people do what they have to do."""

    address: str
    browser: Browser
    clock: Clock
    said: list[str] = field(default_factory=list)
    done: set[int] = field(
        default_factory=lambda: set(ProcrastinateJob.objects.values_list("pk", flat=True))
    )
    pages: dict[tuple[int | None, bool], tuple[Page, int | None]] = field(default_factory=dict)

    @contextmanager
    def visited(
        self, user: User | None = None, path: str = "/", *, phone: bool = False
    ) -> Iterator[Page]:
        """Somebody, or a stranger, opens a page in a browser of their own; what the console says is kept in ``said``."""
        page = self._page_of(user, phone)
        page.goto(f"{self.address}{path}")
        yield page

    def _page_of(self, user: User | None, phone: bool) -> Page:
        """The one window of a person's browser, in which they sign in anew every day: a session lasts no longer."""
        key = (user and user.pk, phone)
        page, day = self.pages.get(key) or (self._window(phone), None)
        if user is not None and day != self.clock.days:
            page.context.add_cookies([self._session(user)])
        self.pages[key] = page, self.clock.days
        return page

    def _window(self, phone: bool) -> Page:
        page = self.browser.new_context(**(PHONE if phone else {})).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(TIMEOUT_MS)
        page.on("console", lambda line: line.type in LOUD and self.said.append(line.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        return page

    def _session(self, user: User) -> dict[str, str]:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        return {"name": cookie.key, "value": cookie.value, "url": self.address}

    def close(self) -> None:
        """Close every browser."""
        for page, _day in self.pages.values():
            page.context.close()

    def status(self, user: User | None, path: str) -> int:
        """With which status an address answers somebody."""
        return self._page_of(user, phone=False).request.get(f"{self.address}{path}").status

    @property
    def complaints(self) -> list[str]:
        """What stood on consoles, but for pages that were refused."""
        return [line for line in self.said if not line.startswith(STATUS)]

    def work(self, task: str) -> None:
        """Do what was asked for in the background, in place of the worker; it was asked for at least once."""
        waiting = ProcrastinateJob.objects.filter(task_name=task, status="todo").order_by("pk")
        jobs = [job for job in waiting if job.pk not in self.done]
        assert jobs, f"nobody asked for {task}"
        for job in jobs:
            app.tasks[task](**job.args)
            self.done.add(job.pk)


def told(page: Page) -> str:
    """What the page says."""
    return page.locator("main").inner_text()


def go(page: Page, link: Locator) -> None:
    """Click what leads to another page, and wait for that."""
    with page.expect_navigation(wait_until="load"):
        link.click()


def press(page: Page, name: str) -> None:
    """Press a button by its name."""
    go(page, page.locator("main").get_by_role("button", name=name, exact=True))


def follow(page: Page, name: str) -> None:
    """Follow the first link of a name."""
    go(page, page.locator("main").get_by_role("link", name=name, exact=True).first)


def fill(page: Page, **given: str) -> None:
    """Fill the fields of the page's form by their names."""
    for name, value in given.items():
        page.locator(f"main [name='{name}']").fill(value)


def choose(page: Page, name: str, value: str) -> None:
    """Choose one of the radio buttons of a field."""
    page.locator(f"main [name='{name}'][value='{value}']").check()
