"""The clock of the demonstration: its probes go on as long as the site runs."""

import structlog
from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from sankul.site.seeds import demonstration

log = structlog.get_logger("sankul.tasks")


@app.periodic(cron="1,31 * * * *")
@app.task(name="site.send_on", queueing_lock="site.send_on")
def send_on(timestamp: int) -> None:
    """Just after every half hour: the demonstration's probes send what they measured, where it is loaded."""
    if settings.DEMONSTRATION:
        log.info("probes of the demonstration heard", values=demonstration.send_on(timezone.now()))
