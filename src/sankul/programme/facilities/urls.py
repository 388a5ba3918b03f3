"""The addresses of the area facilities."""

from django.urls import path

from sankul.programme.facilities.pages import (
    catalogue,
    changes,
    endings,
    facilities,
    imports,
    instruments,
    tickets,
)

FACILITY = "facilities/<slug:organisation>/<slug:slug>/"
INSTRUMENT = "instruments/<slug:organisation>/<slug:slug>/"
SERVICE = "services/<slug:organisation>/<slug:facility>/<slug:slug>/"

urlpatterns = [
    path("facilities/", catalogue.catalogue, name="catalogue"),
    path("facilities/services/", catalogue.services, name="services"),
    path("facilities/<slug:organisation>/new/", changes.facility_new, name="facility-new"),
    path("lab/", facilities.lab, name="lab"),
    path(FACILITY, facilities.facility, name="facility"),
    path(f"{FACILITY}codes/", facilities.codes, name="facility-codes"),
    path(f"{FACILITY}import/", imports.instruments_import, name="facility-import"),
    path(f"{FACILITY}import/template.<slug:form>", imports.template, name="facility-template"),
    *(
        path(f"{FACILITY}{word}/", changes.of_facility(word), name=f"facility-{word}")
        for word in changes.FACILITY
    ),
    path(INSTRUMENT, instruments.instrument, name="instrument"),
    path(f"{INSTRUMENT}pidinst.json", instruments.pidinst, name="instrument-pidinst"),
    path(f"{INSTRUMENT}code.svg", instruments.code, name="instrument-code"),
    path(f"{INSTRUMENT}confirm/", endings.instrument_confirm, name="instrument-confirm"),
    path(f"{INSTRUMENT}withdraw/", endings.instrument_withdraw, name="instrument-withdraw"),
    *(
        path(f"{INSTRUMENT}{word}/", changes.of_instrument(word), name=f"instrument-{word}")
        for word in changes.INSTRUMENT
    ),
    *(
        path(f"{INSTRUMENT}{word}/", changes.of_user(word), name=f"instrument-{word}")
        for word in changes.REPORTED
    ),
    path(SERVICE, facilities.service, name="service"),
    *(
        path(f"{SERVICE}{word}/", changes.of_service(word), name=f"service-{word}")
        for word in changes.SERVICE
    ),
    path("tickets/<int:number>/", tickets.ticket, name="ticket"),
    path("tickets/<int:number>/block/", tickets.ticket_block, name="ticket-block"),
    path("tickets/<int:number>/resolve/", tickets.ticket_resolve, name="ticket-resolve"),
    path("trainings/<int:number>/", tickets.training, name="training"),
    path("trainings/<int:number>/enrol/", tickets.training_enrol, name="training-enrol"),
    path("trainings/<int:number>/leave/", tickets.training_leave, name="training-leave"),
    path("trainings/<int:number>/cancel/", tickets.training_cancel, name="training-cancel"),
    path("places/<int:number>/judge/", tickets.place_judge, name="place-judge"),
    path("closures/<int:number>/reopen/", endings.closure_reopen, name="closure-reopen"),
    path("tariffs/<int:number>/end/", endings.tariff_end, name="tariff-end"),
    path(
        "qualifications/<int:number>/revoke/",
        endings.qualification_revoke,
        name="qualification-revoke",
    ),
]
