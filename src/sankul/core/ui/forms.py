"""Forms: a field with its label, hint and error tied together; the summary of all errors."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.forms.utils import ErrorList
from django.utils.safestring import SafeString

from sankul.core.ui.base import Part, Text


@dataclass(frozen=True)
class Field(Part):
    """One field of a Django form; ``hint`` replaces the field's own help text.

    The input is described by its hint and its error (``aria-describedby``) and marked wrong
    (``aria-invalid``) when it has one. A required field is marked so by the browser; a field that
    is not says "optional" in its label.
    """

    bound: BoundField
    hint: Text = ""
    narrow: bool = False

    template_name = "ui/field.html"

    @property
    def kind(self) -> str:
        """``choice`` (one box to tick), ``choices`` (a group of them) or ``text``."""
        widget = self.bound.field.widget
        if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
            return "choices"
        return "choice" if isinstance(widget, CheckboxInput) else "text"

    @property
    def label(self) -> Text:
        """What the field is called."""
        return self.bound.label

    @property
    def help(self) -> Text:
        """The hint shown under the label."""
        return self.hint or self.bound.help_text

    @property
    def optional(self) -> bool:
        """Whether the label says so; a field that a draft may leave empty, but not for good, is ``needed_later``."""
        needed = self.bound.field.required or getattr(self.bound.field, "needed_later", False)
        return not needed and self.kind != "choice"

    @property
    def errors(self) -> ErrorList:
        """What is wrong with it."""
        return self.bound.errors

    @property
    def hint_id(self) -> str:
        """The id of the hint."""
        return f"{self.bound.auto_id}-hint"

    @property
    def error_id(self) -> str:
        """The id of the error."""
        return f"{self.bound.auto_id}-error"

    def widget(self) -> SafeString:
        """The input with its ties to hint and error."""
        attrs: dict[str, str | bool] = {}
        named = [self.hint_id] * bool(self.help) + [self.error_id] * bool(self.errors)
        if self.kind != "choices":
            attrs["aria-describedby"] = " ".join(named) or False
        if self.errors:
            attrs["aria-invalid"] = "true"
        return self.bound.as_widget(attrs=attrs)


@dataclass(frozen=True)
class Form(Part):
    """All fields of a Django form in order, its error summary first; the form element is yours."""

    form: BaseForm

    template_name = "ui/form.html"

    def hidden(self) -> list[BoundField]:
        """The fields that nobody sees."""
        return self.form.hidden_fields()

    def fields(self) -> list[Field]:
        """The fields that somebody fills in."""
        return [Field(bound) for bound in self.form.visible_fields()]

    def errors(self) -> "Errors":
        """The summary above them."""
        return Errors(self.form)


@dataclass(frozen=True)
class Errors(Part):
    """The error summary: every error as a link to its field. Nothing when there is none."""

    form: BaseForm

    template_name = "ui/errors.html"

    def entries(self) -> Iterator[tuple[str, Text, str]]:
        """Anchor, label and message of each error; those of the whole form have no anchor."""
        for message in self.form.non_field_errors():
            yield "", "", str(message)
        for bound in self.form:
            for message in bound.errors:
                # A group of choices has no label of its own; its first choice can take the focus.
                anchor = bound.id_for_label or f"{bound.auto_id}_0"
                yield f"#{anchor}", bound.label, str(message)

    def __str__(self) -> SafeString:
        return super().__str__() if self.form.errors else SafeString("")
