"""What bookings ask people for."""

from .answers import ApproveForm, RefuseForm
from .bookings import BookForm, HandForm, MoveForm, NoteForm, RateForm
from .orders import OrderForm
from .use import StopForm

__all__ = [
    "ApproveForm",
    "BookForm",
    "HandForm",
    "MoveForm",
    "NoteForm",
    "OrderForm",
    "RateForm",
    "RefuseForm",
    "StopForm",
]
