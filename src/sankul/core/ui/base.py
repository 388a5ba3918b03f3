"""What every part has in common."""

from typing import ClassVar

from django.template.loader import get_template
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe

Text = str | Promise


class Part:
    """Something that draws itself from ``template_name``, whose template sees it as ``it``."""

    template_name: ClassVar[str]

    def __str__(self) -> SafeString:
        return mark_safe(get_template(self.template_name).render({"it": self}).strip())  # noqa: S308

    def __html__(self) -> SafeString:
        return self.__str__()
