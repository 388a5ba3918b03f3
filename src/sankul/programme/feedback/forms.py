"""What the office fills in to build a survey, and the evaluator to conduct it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.programme.feedback.models import Group, Question, Section, Survey
from sankul.programme.feedback.rules import SCALE, SCORE_KINDS, QuestionKind
from sankul.programme.feedback.rules.sealing import KEY_FILE_MAX_BYTES
from sankul.programme.registry.models import Cluster, Period

if TYPE_CHECKING:
    OfSurvey = forms.ModelForm[Survey]
    OfGroup = forms.ModelForm[Group]
    OfSection = forms.ModelForm[Section]
    OfQuestion = forms.ModelForm[Question]
else:
    OfSurvey = OfGroup = OfSection = OfQuestion = forms.ModelForm

DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
SECRET = forms.PasswordInput(attrs={"autocomplete": "new-password"})


class MakeForm(forms.Form):
    """A new survey."""

    period = forms.ModelChoiceField(Period.objects.none(), label=_("Period"), to_field_name="label")
    closes_on = forms.DateField(label=_("Last day to answer"), widget=DAY)
    contact = forms.EmailField(
        label=_("Address for questions of respondents"),
        help_text=_("It stands in every letter; answers to letters go there."),
    )
    copies = forms.BooleanField(
        label=_("Copy groups and questions from the survey before"), required=False, initial=True
    )

    def __init__(self, *args: Any, periods: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["period"]
        field.queryset = periods


class SettingsForm(OfSurvey):
    """The settings of a draft."""

    class Meta:
        model = Survey
        fields = ["title_en", "title_hi", "intro_en", "intro_hi", "has_hindi", "closes_on", "contact",
            "threshold", "two_groups", "purge_after_days"]  # fmt: skip
        widgets = {
            "closes_on": DAY,
            "intro_en": forms.Textarea(attrs={"rows": 4}),
            "intro_hi": forms.Textarea(attrs={"rows": 4, "lang": "hi"}),
        }
        help_texts = {
            "has_hindi": _("Then every text needs its Hindi before the survey can be opened."),
            "threshold": _("A figure with fewer answers behind it is not shown: 3 at least."),
        }


class GroupForm(OfGroup):
    """A stakeholder group."""

    class Meta:
        model = Group
        fields = ["code", "title_en", "title_hi", "weight", "target", "quota", "position"]
        help_texts = {
            "code": _("Small letters, for files: scientists."),
            "weight": _(
                "Relative to the other groups; 0 leaves the group out of the overall score."
            ),
            "position": _(
                "Whoever belongs to two groups answers for the one with the lower place."
            ),
        }


class SectionForm(OfSection):
    """A section."""

    class Meta:
        model = Section
        fields = ["title_en", "title_hi", "per_cluster", "position"]


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 5})

    def to_python(self, value: Any) -> Any:
        """The lines that are not empty."""
        text: str = super().to_python(value) or ""
        return [line.strip() for line in text.splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        """The list as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def run_validators(self, value: Any) -> None:
        """Each line is short enough to be a label."""
        if any(len(line) > 120 for line in value):
            raise forms.ValidationError(_("A label has at most 120 letters."))


class QuestionForm(OfQuestion):
    """A question; labels one a line."""

    labels_en = LinesField(
        label=_("Labels in English, one a line"),
        required=False,
        help_text=_("For a scale: five, from 1 to 5. For a choice: the choices."),
    )
    labels_hi = LinesField(label=_("Labels in Hindi, one a line"), required=False)
    groups = forms.MultipleChoiceField(
        label=_("Asked of"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Of everybody if none is ticked."),
    )

    class Meta:
        model = Question
        fields = [
            "code",
            "kind",
            "text_en",
            "text_hi",
            "labels_en",
            "labels_hi",
            "groups",
            "is_scored",
            "position",
        ]
        widgets = {
            "text_en": forms.Textarea(attrs={"rows": 3}),
            "text_hi": forms.Textarea(attrs={"rows": 3, "lang": "hi"}),
        }

    def __init__(self, *args: Any, groups: Sequence[Group], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["groups"]
        field.choices = [(group.code, group.title_en) for group in groups]

    def clean(self) -> dict[str, Any]:
        """Labels fit the kind."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        kind, told = cleaned.get("kind"), len(cleaned.get("labels_en") or ())
        if kind in SCORE_KINDS and told not in (0, len(SCALE)):
            self.add_error("labels_en", _("A scale has five labels."))
        if kind == QuestionKind.TEXT and told:
            self.add_error("labels_en", _("An open text has no labels."))
        hindi = len(cleaned.get("labels_hi") or ())
        if hindi not in (0, told):
            self.add_error("labels_hi", _("As many labels as in English, or none yet."))
        return cleaned


class InviteForm(forms.Form):
    """One person to invite."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("E-mail address"))
    group = forms.ModelChoiceField(Group.objects.none(), label=_("Group"))
    clusters = forms.ModelMultipleChoiceField(
        Cluster.objects.none(),
        label=_("Clusters to rate"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Those that this person knows from own work."),
    )
    organisation = forms.CharField(label=_("Organisation"), max_length=250, required=False)
    language = forms.ChoiceField(
        label=_("Language"), choices=[("en", "English"), ("hi", "हिन्दी")], initial="en"
    )

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        group: Any = self.fields["group"]
        clusters: Any = self.fields["clusters"]
        group.queryset = survey.groups.all()
        clusters.queryset = survey.programme.clusters.all()


class UploadForm(forms.Form):
    """A list of people to invite."""

    file = forms.FileField(
        label=_("List of people"),
        help_text=_(
            "Columns: name, email, group, clusters (short names, separated by spaces); and, if known, organisation and "
            "language (en or hi)."
        ),
    )


class NewKeyForm(forms.Form):
    """A passphrase for a new key."""

    passphrase = forms.CharField(
        label=_("Passphrase"),
        widget=SECRET,
        help_text=_(
            "Twelve letters or more that nobody guesses. Without it nobody can count the answers, we neither."
        ),
    )
    again = forms.CharField(label=_("The same again"), widget=SECRET)

    def clean_again(self) -> str:
        """Both are the same."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("passphrase"):
            raise forms.ValidationError(_("The two passphrases differ."))
        return again


class KeyForm(forms.Form):
    """The key file with its passphrase."""

    key_file = forms.FileField(label=_("Key file"), max_length=200)
    passphrase = forms.CharField(
        label=_("Passphrase"), widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )

    def clean_key_file(self) -> bytes:
        """The bytes; a key file is small."""
        file: Any = self.cleaned_data["key_file"]
        if file.size > KEY_FILE_MAX_BYTES:
            raise forms.ValidationError(_("This is no key file of a survey."))
        content: bytes = file.read()
        return content


class ExtendForm(forms.Form):
    """Another last day."""

    closes_on = forms.DateField(label=_("Last day to answer"), widget=DAY)


class CommentForm(forms.Form):
    """The moderator's decision on one text."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        widget=forms.RadioSelect,
        choices=[
            ("kept", _("Keep it as it is written")),
            ("redacted", _("Take out the words named below")),
            ("withheld", _("Do not show it")),
        ],
    )
    words = LinesField(
        label=_("Words to take out, one a line"),
        required=False,
        help_text=_("Names, titles, events: what tells who wrote. They are gone for good."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=300, required=False, help_text=_("Needed unless it is kept.")
    )
