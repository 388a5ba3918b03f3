"""Which news of bookings and orders is told to whom, and in which words."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class To(StrEnum):
    """Who reads a letter."""

    USER = "user"
    LAB = "lab"
    NODAL = "nodal"
    CLUSTER = "cluster"


class Letter(NamedTuple):
    """To whom, what the subject says before the name, and what it says beside the facts."""

    to: To
    subject: StrOrPromise
    text: StrOrPromise


WAITS = _("Somebody waits for your answer. The slot stays free for them until then.")
SILENT = _("Nobody has answered this request. Answer it, or have it answered.")
LETTERS: dict[str, Letter] = {
    "booking.confirmed": Letter(
        To.USER, _("Booked"), _("Your booking is confirmed. Cancel in time if you cannot come.")
    ),
    "booking.requested": Letter(To.LAB, _("A request"), WAITS),
    "booking.approved": Letter(To.USER, _("Approved"), _("Your request is approved.")),
    "booking.refused": Letter(
        To.USER, _("Not approved"), _("Your request was refused. The reason stands below.")
    ),
    "booking.unanswered_remind": Letter(To.LAB, _("Still without an answer"), WAITS),
    "booking.unanswered_nodal": Letter(To.NODAL, _("Your lab has not answered"), SILENT),
    "booking.unanswered_cluster": Letter(
        To.CLUSTER, _("An institution of the cluster has not answered"), SILENT
    ),
    "booking.expired": Letter(
        To.USER, _("Run out"), _("Nobody took it up in time. The slot is free again.")
    ),
    "booking.promoted": Letter(
        To.USER, _("Free for you"), _("The slot you waited for became free, and is yours.")
    ),
    "booking.cancelled": Letter(
        To.USER, _("Cancelled"), _("The booking is cancelled. The reason stands below.")
    ),
    "booking.handed_over": Letter(
        To.USER, _("Handed to you"), _("A colleague has handed this booking over to you.")
    ),
    "booking.no_show": Letter(
        To.USER, _("Nobody came"), _("The use was not begun, so the time was given free.")
    ),
    "order.placed": Letter(To.LAB, _("An order"), WAITS),
    "order.accepted": Letter(To.USER, _("Accepted"), _("Send the samples now.")),
    "order.refused": Letter(
        To.USER, _("Not accepted"), _("Your order was refused. The reason stands below.")
    ),
    "order.done": Letter(To.USER, _("Done"), _("The results are delivered.")),
    "order.unanswered_remind": Letter(To.LAB, _("Still without an answer"), WAITS),
    "order.unanswered_nodal": Letter(To.NODAL, _("Your lab has not answered"), SILENT),
    "order.unanswered_cluster": Letter(
        To.CLUSTER, _("An institution of the cluster has not answered"), SILENT
    ),
}
